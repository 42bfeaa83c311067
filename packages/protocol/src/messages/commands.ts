import * as v from 'valibot'
import { MAX_HASH_PATHS, MAX_PROGRAM_ARGUMENTS } from '../limits.js'
import { entrySchema, entryType } from './entry.js'
import {
  argument,
  byField,
  count,
  digest,
  digestAlgorithm,
  fileDigestAlgorithm,
  flag,
  listOf,
  mode,
  normalPath,
  oneOf,
  path,
  secret,
  shortText,
  signedKeys,
  text,
  time,
} from './fields.js'

const pathAlone = v.object({ path })
const normalPathAlone = v.object({ path: normalPath })
const file = { path: normalPath, size: count, digest: v.optional(digest) }
const version = { size: v.optional(count), mtime: v.optional(time) }

/**
 * Every command of the protocol: the arguments in its REQUEST, the facts in its ACKs, and its shape:
 *
 * - `simple`    REQUEST → ACK
 * - `outgoing`  REQUEST → ACK → DATA… → END; the bytes come from the server
 * - `incoming`  REQUEST → ACK `ready` → DATA… → END → ACK; the bytes come from the client. If eager, there is no first ACK.
 */
export const COMMANDS = {
  login: {
    shape: 'simple',
    /** `method` is one of those that HELLO offers. */
    request: v.object({
      /** A token need not name its user. */
      user: v.optional(shortText),
      method: v.optional(shortText, 'anonymous'),
      /** For the method `password`. */
      password: v.optional(secret),
      /** For the method `token`. */
      token: v.optional(secret),
      /** For the method `key`: public keys, each with a signature of the login statement; one of them has to be right. */
      keys: v.optional(signedKeys),
    }),
    ack: v.object({ user: text, home: normalPath, permissions: v.array(text, 'must be an array') }),
  },
  ping: { shape: 'simple', request: v.object({}), ack: v.object({}) },
  pwd: { shape: 'simple', request: v.object({}), ack: normalPathAlone },
  cd: { shape: 'simple', request: pathAlone, ack: normalPathAlone },
  stat: {
    shape: 'simple',
    /** `follow` describes what a link leads to. */
    request: v.object({ path, links: v.optional(oneOf(['report', 'follow']), 'report') }),
    ack: v.object({ path: normalPath, entry: entrySchema }),
  },
  mkdir: {
    shape: 'simple',
    /** `parents` also makes missing folders on the way. It is then no error if the folder exists. */
    request: v.object({ path, parents: v.optional(flag, false) }),
    ack: normalPathAlone,
  },
  rmdir: { shape: 'simple', request: pathAlone, ack: normalPathAlone },
  /** If a version is given, no other one is removed. */
  rm: { shape: 'simple', request: v.object({ path, ...version }), ack: normalPathAlone },
  mv: {
    shape: 'simple',
    request: v.object({ from: path, to: path, onExists: v.optional(oneOf(['overwrite', 'fail']), 'fail') }),
    ack: normalPathAlone,
  },
  /** Copies one file on the server; a link is followed. */
  cp: {
    shape: 'simple',
    request: v.object({
      from: path,
      to: path,
      onExists: v.optional(oneOf(['overwrite', 'skip', 'rename', 'fail']), 'fail'),
      /** Gives the copy exactly the permission bits and the time of the original. */
      preserve: v.optional(flag, false),
    }),
    ack: v.variant(
      'status',
      [
        v.object({ status: v.literal('stored'), path: normalPath, size: count }),
        v.object({ status: v.literal('skipped'), path: normalPath }),
      ],
      'must be stored or skipped',
    ),
  },
  chmod: {
    shape: 'simple',
    request: v.object({ path, mode }),
    ack: normalPathAlone,
  },
  touch: {
    shape: 'simple',
    request: v.object({ path, mtime: v.optional(time), create: v.optional(flag, true) }),
    ack: normalPathAlone,
  },
  df: {
    shape: 'simple',
    request: pathAlone,
    /** Bytes of the file system. Of those that are free, some may be kept for its owner. */
    ack: v.object({ path: normalPath, total: count, free: count, available: count }),
  },
  /** The body has one `Hashed` per line as JSON, in the order of the paths. */
  hash: {
    shape: 'outgoing',
    request: v.object({
      paths: v.pipe(listOf(path, MAX_HASH_PATHS), v.minLength(1, 'must be an array of at least 1 item')),
      digest: v.optional(fileDigestAlgorithm, 'md5'),
    }),
    ack: v.object({ digest: fileDigestAlgorithm }),
  },
  /** Runs a program that the operator has named. The body has one `Executed` per line as JSON; the last tells the end. */
  exec: {
    shape: 'outgoing',
    request: v.object({ name: shortText, args: v.optional(listOf(argument, MAX_PROGRAM_ARGUMENTS)) }),
    ack: v.object({ name: shortText }),
  },
  /** The body has one `Usage` per line as JSON: each folder comes behind all that is in it. */
  du: {
    shape: 'outgoing',
    /** `depth`: folders more than so many names below `path` are counted and not told. */
    request: v.object({ path, depth: v.optional(count) }),
    ack: normalPathAlone,
  },
  /** The body has one entry per line as JSON, in the folder's own order. If the path is a file, it has that one entry. */
  ls: {
    shape: 'outgoing',
    request: pathAlone,
    /** `type` is that of what the path leads to. Only a `directory` holds the entries that are listed. */
    ack: v.object({ path: normalPath, type: entryType }),
  },
  /** The body has one `Found` per line as JSON: a folder, then all that is in it, then the next name beside it. */
  find: {
    shape: 'outgoing',
    request: v.object({
      path,
      /** How many names below `path` a path may have; without it, any number. */
      depth: v.optional(count),
      /** Only what has such a name is told: see `createNameGlob`. */
      name: v.optional(shortText),
      /** Only what has this type is told. */
      type: v.optional(entryType),
      /** `follow` tells what links lead to, if that is inside the root, and searches folders behind links. */
      links: v.optional(oneOf(['report', 'follow']), 'report'),
    }),
    ack: v.object({ path: normalPath, type: entryType }),
  },
  get: {
    shape: 'outgoing',
    request: v.object({
      path,
      digest: v.optional(digestAlgorithm, 'md5'),
      /** The byte of the file to begin at. */
      offset: v.optional(count, 0),
      /** Bytes to send at most. */
      length: v.optional(count),
      /** The digest of the first `offset` bytes as the client has them. The file is sent whole if it has others. */
      prefix: v.optional(digest),
      /** The version that the client has a part of. The file is sent whole if it is another by now. */
      ...version,
    }),
    /** `size` is that of the whole file. `mode` is absent if the place where the files are has no permission bits. */
    ack: v.object({
      path: normalPath,
      size: count,
      mtime: time,
      mode: v.optional(mode),
      /** The byte at which the body begins; absent if that is 0. */
      offset: v.optional(count),
    }),
  },
  put: {
    shape: 'incoming',
    request: v.object({
      path,
      /** The number of bytes to come; absent if the client does not know it. */
      size: v.optional(count),
      digest: v.optional(digestAlgorithm, 'md5'),
      mtime: v.optional(time),
      /** The permission bits that the file gets, whatever was there before. */
      mode: v.optional(mode),
      /** The permission bits of a new file, less the server's umask. A file that is replaced keeps its own. */
      createMode: v.optional(mode),
      /**
       * What to do if the name is taken. `rename` stores `NAME.new`, `NAME.new.2` and so on beside it; `newer` replaces
       * a file whose mtime is before `sourceTime` and skips any other.
       */
      onExists: v.optional(oneOf(['overwrite', 'skip', 'newer', 'rename', 'fail']), 'overwrite'),
      /**
       * When the content of the original was changed last, for `newer`. With it and `size`, what came of an upload that
       * was cut may be kept.
       */
      sourceTime: v.optional(time),
      /** Also makes the folders that are missing on the way. */
      parents: v.optional(flag, false),
      /** DATA and END follow at once, without waiting for `ready`. */
      eager: v.optional(flag, false),
      /** Goes on with what was kept of the same source, or compares with the file that is there. */
      resume: v.optional(flag, false),
    }),
    ack: byField(
      v.variant(
        'status',
        [
          /** The client sends the body, which starts at byte `offset` of the file. */
          v.object({
            status: v.literal('ready'),
            offset: count,
            /** Of the first `offset` bytes, if `offset` is not 0. The client compares it before it sends the rest. */
            digest: v.optional(digest),
          }),
          /** Nothing was stored and no content compared: the name is taken, and `onExists` says `skip` or `newer`. */
          v.object({ status: v.literal('skipped'), path: normalPath }),
          /** `resume` was asked for, and the file that is there was compared and is equal. */
          v.object({ status: v.literal('unchanged'), ...file }),
          /** The file was checked, is durable, and is visible under `path`. */
          v.object({ status: v.literal('stored'), ...file }),
        ],
        'must be ready, skipped, unchanged or stored',
      ),
    ),
  },
} as const

export type CommandName = keyof typeof COMMANDS
export type CommandShape = (typeof COMMANDS)[CommandName]['shape']

/** A request as its sender writes it: arguments that have a default may be left out. */
export type RequestInput<C extends CommandName> = v.InferInput<(typeof COMMANDS)[C]['request']>
/** A request as its receiver sees it. */
export type RequestOf<C extends CommandName> = v.InferOutput<(typeof COMMANDS)[C]['request']>
/** The facts in a command's ACK. */
export type AckOf<C extends CommandName> = v.InferOutput<(typeof COMMANDS)[C]['ack']>

export function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name)
}
