import { describe, expect, test } from 'vitest'
import { FRAME_HEADER_SIZE, FrameType } from '../frame.js'
import { FrameDecoder } from '../frame-decoder.js'
import { encodeJsonFrame } from '../frame-encoder.js'
import {
  type AckOf,
  COMMANDS,
  type CommandName,
  type CommandShape,
  isCommandName,
  type RequestInput,
  type RequestOf,
} from './commands.js'
import { parseAck } from './replies.js'
import { parseArguments, parseRequest } from './requests.js'

const md5 = { alg: 'md5', hex: 'd41d8cd98f00b204e9800998ecf8427e' } as const
const entry = { name: 'b', type: 'link', size: 3, mtime: -1, mode: 0o777, target: '../c' } as const

/** Facts that an ACK may leave out. */
const OPTIONAL_FACTS = ['digest', 'mode']

/** For every command: requests as they are sent and as they must arrive, and every kind of ACK. */
const examples: {
  [C in CommandName]: {
    shape: CommandShape
    requests: [sent: RequestInput<C>, arrived: RequestOf<C>][]
    acks: AckOf<C>[]
  }
} = {
  login: {
    shape: 'simple',
    requests: [
      [{ user: 'anonymous' }, { user: 'anonymous', method: 'anonymous' }],
      [
        { user: 'ann', method: 'password' },
        { user: 'ann', method: 'password' },
      ],
    ],
    acks: [{ user: 'anonymous', home: '/', permissions: ['read', 'write'] }],
  },
  ping: { shape: 'simple', requests: [[{}, {}]], acks: [{}] },
  pwd: { shape: 'simple', requests: [[{}, {}]], acks: [{ path: '/a b' }] },
  cd: { shape: 'simple', requests: [[{ path: '..' }, { path: '..' }]], acks: [{ path: '/' }] },
  stat: {
    shape: 'simple',
    requests: [
      [{ path: 'a/b' }, { path: 'a/b', links: 'report' }],
      [
        { path: 'a/b', links: 'follow' },
        { path: 'a/b', links: 'follow' },
      ],
    ],
    acks: [
      { path: '/a/b', entry },
      { path: '/a/b', entry: { name: '\ufffd', type: 'file', size: 0, mtime: 0, mode: 0, rawName: '/w==' } },
    ],
  },
  cp: {
    shape: 'simple',
    requests: [
      [
        { from: 'a', to: 'b' },
        { from: 'a', to: 'b', onExists: 'fail', preserve: false },
      ],
    ],
    acks: [
      { status: 'stored', path: '/b', size: 5 },
      { status: 'skipped', path: '/b' },
    ],
  },
  chmod: {
    shape: 'simple',
    requests: [
      [
        { path: 'a', mode: 0o640 },
        { path: 'a', mode: 0o640 },
      ],
    ],
    acks: [{ path: '/a' }],
  },
  touch: {
    shape: 'simple',
    requests: [
      [{ path: 'a' }, { path: 'a', create: true }],
      [
        { path: 'a', mtime: -1, create: false },
        { path: 'a', mtime: -1, create: false },
      ],
    ],
    acks: [{ path: '/a' }],
  },
  df: {
    shape: 'simple',
    requests: [[{ path: '/' }, { path: '/' }]],
    acks: [{ path: '/', total: 3, free: 2, available: 1 }],
  },
  hash: {
    shape: 'outgoing',
    requests: [
      [{ paths: ['a'] }, { paths: ['a'], digest: 'md5' }],
      [
        { paths: ['a', '../b'], digest: 'xxh128' },
        { paths: ['a', '../b'], digest: 'xxh128' },
      ],
    ],
    acks: [{ digest: 'sha256' }],
  },
  exec: {
    shape: 'outgoing',
    requests: [
      [{ name: 'backup' }, { name: 'backup' }],
      [
        { name: 'backup', args: ['--all', ''] },
        { name: 'backup', args: ['--all', ''] },
      ],
    ],
    acks: [{ name: 'backup' }],
  },
  du: {
    shape: 'outgoing',
    requests: [
      [{ path: '/' }, { path: '/' }],
      [
        { path: '/', depth: 0 },
        { path: '/', depth: 0 },
      ],
    ],
    acks: [{ path: '/' }],
  },
  mkdir: {
    shape: 'simple',
    requests: [
      [{ path: 'd' }, { path: 'd', parents: false }],
      [
        { path: 'd/e', parents: true },
        { path: 'd/e', parents: true },
      ],
    ],
    acks: [{ path: '/d' }],
  },
  rmdir: { shape: 'simple', requests: [[{ path: 'd' }, { path: 'd' }]], acks: [{ path: '/d' }] },
  rm: { shape: 'simple', requests: [[{ path: 'f' }, { path: 'f' }]], acks: [{ path: '/f' }] },
  mv: {
    shape: 'simple',
    requests: [
      [
        { from: 'a', to: 'b' },
        { from: 'a', to: 'b', onExists: 'fail' },
      ],
      [
        { from: 'a', to: 'b', onExists: 'overwrite' },
        { from: 'a', to: 'b', onExists: 'overwrite' },
      ],
    ],
    acks: [{ path: '/b' }],
  },
  ls: {
    shape: 'outgoing',
    requests: [[{ path: '.' }, { path: '.' }]],
    acks: [{ path: '/', type: 'directory' }],
  },
  find: {
    shape: 'outgoing',
    requests: [
      [{ path: 'a' }, { path: 'a', links: 'report' }],
      [
        { path: 'a', depth: 2, name: '*.ts', type: 'file', links: 'follow' },
        { path: 'a', depth: 2, name: '*.ts', type: 'file', links: 'follow' },
      ],
    ],
    acks: [{ path: '/a', type: 'directory' }],
  },
  get: {
    shape: 'outgoing',
    requests: [
      [{ path: 'f' }, { path: 'f', digest: 'md5', offset: 0 }],
      [
        { path: 'f', digest: 'none', offset: 7, length: 8 },
        { path: 'f', digest: 'none', offset: 7, length: 8 },
      ],
      [
        { path: 'f', offset: 7, prefix: md5, size: 9, mtime: -1 },
        { path: 'f', digest: 'md5', offset: 7, prefix: md5, size: 9, mtime: -1 },
      ],
    ],
    acks: [{ path: '/f', size: Number.MAX_SAFE_INTEGER, mtime: 1_700_000_000_000, mode: 0o644, offset: 7 }],
  },
  put: {
    shape: 'incoming',
    requests: [
      [
        { path: 'f' },
        { path: 'f', digest: 'md5', onExists: 'overwrite', parents: false, eager: false, resume: false },
      ],
      [
        { path: 'f', size: 0, digest: 'sha256', mtime: 1, mode: 0o7777, onExists: 'rename', eager: true },
        {
          path: 'f',
          size: 0,
          digest: 'sha256',
          mtime: 1,
          mode: 0o7777,
          onExists: 'rename',
          parents: false,
          eager: true,
          resume: false,
        },
      ],
      [
        { path: 'f', onExists: 'newer', sourceTime: 2, parents: true },
        {
          path: 'f',
          digest: 'md5',
          onExists: 'newer',
          sourceTime: 2,
          parents: true,
          eager: false,
          resume: false,
        },
      ],
      [
        { path: 'f', size: 9, sourceTime: 1, resume: true },
        {
          path: 'f',
          size: 9,
          sourceTime: 1,
          digest: 'md5',
          onExists: 'overwrite',
          parents: false,
          eager: false,
          resume: true,
        },
      ],
    ],
    acks: [
      { status: 'ready', offset: 0 },
      { status: 'ready', offset: 7, digest: md5 },
      { status: 'skipped', path: '/f' },
      { status: 'unchanged', path: '/f', size: 7, digest: md5 },
      { status: 'stored', path: '/f.new', size: 0, digest: md5 },
      { status: 'stored', path: '/f', size: 7 },
    ],
  },
}

const commands = Object.keys(COMMANDS) as CommandName[]

describe.each(commands)('%s', (cmd) => {
  const { shape, requests, acks } = examples[cmd]

  test('has its shape', () => {
    expect(COMMANDS[cmd].shape).toBe(shape)
  })

  test('has requests that parse, with defaults filled in', () => {
    for (const [sent, arrived] of requests) {
      const { cmd: name, args } = parseRequest(travel(FrameType.REQUEST, { cmd, ...sent }))
      expect(name).toBe(cmd)
      expect(parseArguments(cmd, args)).toEqual(arrived)
    }
  })

  test('has ACKs that parse to themselves', () => {
    for (const ack of acks) expect(parseAck(cmd, travel(FrameType.ACK, { ok: true, ...ack }))).toEqual(ack)
  })

  test('ignores unknown fields', () => {
    for (const [sent, arrived] of requests) {
      const args = { ...sent, '': 1, future: { x: [] }, ok: false, constructor: 1 }
      expect(parseArguments(cmd, args)).toEqual(arrived)
    }
    for (const ack of acks) {
      expect(parseAck(cmd, travel(FrameType.ACK, { ok: true, ...ack, future: [1] }))).toEqual(ack)
    }
  })

  test('refuses an argument of a wrong type with bad-request and its name', () => {
    for (const [, arrived] of requests) {
      for (const field of Object.keys(arrived)) {
        for (const wrong of [null, {}, [], 1.5, -1e300]) {
          // An empty list is a list.
          if (cmd === 'exec' && field === 'args' && Array.isArray(wrong)) continue
          const args = { ...arrived, [field]: wrong }
          expect(() => parseArguments(cmd, args), `${field} = ${JSON.stringify(wrong)}`).toThrow(
            expect.objectContaining({
              code: 'bad-request',
              // A digest has fields of its own, and one of them may be named.
              message: expect.stringMatching(`: '${field}(?:' must be |\\.\\w+' (?:must be |is missing))`),
            }),
          )
        }
      }
    }
  })

  test('takes an ACK that lacks a fact for a protocol-error', () => {
    for (const ack of acks) {
      const isOptional = (fact: string) =>
        OPTIONAL_FACTS.includes(fact) || (cmd === 'get' && fact === 'offset')
      for (const field of Object.keys(ack).filter((fact) => !isOptional(fact))) {
        const { [field as keyof typeof ack]: _, ...rest } = ack
        expect(() => parseAck(cmd, travel(FrameType.ACK, { ok: true, ...rest })), field).toThrow(
          expect.objectContaining({ code: 'protocol-error' }),
        )
      }
    }
  })
})

test('names that every object has are not commands', () => {
  for (const cmd of commands) expect(isCommandName(cmd)).toBe(true)
  for (const other of ['', 'PUT', 'toString', '__proto__', 'constructor', 'hasOwnProperty']) {
    expect(isCommandName(other)).toBe(false)
  }
})

function travel(type: typeof FrameType.REQUEST | typeof FrameType.ACK, value: object): Uint8Array {
  const bytes = encodeJsonFrame(type, 7, value)
  const decoder = new FrameDecoder({ data: 'whole' })
  decoder.push(bytes)
  const frame = decoder.next()
  expect(frame).toMatchObject({ type, id: 7 })
  expect(frame?.payload).toHaveLength(bytes.length - FRAME_HEADER_SIZE)
  return frame?.payload ?? new Uint8Array()
}
