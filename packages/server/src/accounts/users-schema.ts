import { type AuthorizedKey, isNormalRemotePath, ProtocolError, parseAuthorizedKey } from '@jftp/protocol'
import { MAX_RATE, MIN_RATE } from '@jftp/transfer'
import * as v from 'valibot'
import { PERMISSIONS } from '../visitors/permissions.js'
import { passwordHashSchema } from './password-hash.js'

/** What a user may be called. `anonymous` stands for visitors without an account. */
export function isUserName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/.test(name) && name !== 'anonymous'
}

export const USER_NAME_RULE =
  'a user name has 1 to 64 letters, digits and . _ @ -, begins with a letter or digit, and is not anonymous'

const remotePath = v.pipe(
  v.string('must be a path'),
  v.check(isNormalRemotePath, 'must be an absolute, normalised path such as /ann'),
)

const rule = v.strictObject({
  path: remotePath,
  allows: v.array(v.picklist(PERMISSIONS, `must be one of ${PERMISSIONS.join(', ')}`), 'must be an array'),
})

const token = v.strictObject({
  id: v.pipe(v.string(), v.regex(/^[0-9a-f]{12}$/, 'must be 12 hex digits')),
  /** The SHA-256 of the token, in base64. */
  hash: v.pipe(v.string(), v.regex(/^[A-Za-z0-9+/]{43}=$/, 'must be a SHA-256 in base64')),
  /** What it is for. */
  note: v.optional(v.string('must be text')),
  /** When it stops working; without it, never. */
  expires: v.optional(v.pipe(v.string(), v.isoTimestamp('must be a time such as 2026-12-31T23:59:59.000Z'))),
  /** What it allows, as far as the user may do it too; without it, all that the user may do. */
  permissions: v.optional(v.array(rule, 'must be an array')),
})

/** A line of an `authorized_keys` file, with one space between its parts. */
const key = v.pipe(
  v.string('must be a line of an authorized_keys file'),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return
    const fault = faultOfKey(dataset.value)
    if (fault !== undefined) addIssue({ message: `can't be used: ${fault}` })
  }),
)

const user = v.strictObject({
  name: v.pipe(v.string('must be a name'), v.check(isUserName, USER_NAME_RULE)),
  password: v.optional(passwordHashSchema),
  /** The folder that is `/` for this user, as a path from the root that is served. */
  home: v.optional(remotePath, '/'),
  /** What is allowed where; of all rules that fit, the one with the longest path decides. Paths start at `home`. */
  permissions: v.optional(v.array(rule, 'must be an array'), [{ path: '/', allows: [...PERMISSIONS] }]),
  tokens: v.optional(v.array(token, 'must be an array'), []),
  keys: v.optional(v.array(key, 'must be an array'), []),
  /** Bytes per second of all sessions of the user together. */
  limitRate: v.optional(v.pipe(v.number(), v.integer(), v.minValue(MIN_RATE), v.maxValue(MAX_RATE))),
  /** Bytes that all files in the home may have together. */
  quota: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
  /** Sessions at once. */
  maxSessions: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
})

/** What the users file holds. A field that is not known is refused, because it may be a limit with a typing error. */
export const usersFileSchema = v.strictObject({
  version: v.literal(1, 'must be 1; a newer ftpd may have written the file'),
  users: v.pipe(
    v.array(user, 'must be an array'),
    v.check((users) => new Set(users.map(({ name }) => name)).size === users.length, 'has a user twice'),
  ),
})

function faultOfKey(line: string): string | undefined {
  try {
    const { key, comment } = parseAuthorizedKey(line)
    return line === formatKey(key, comment) ? undefined : 'it has spaces where none belong'
  } catch (error) {
    if (error instanceof ProtocolError) return error.message
    throw error
  }
}

/** A key as the users file has it. */
export function formatKey({ type, bytes }: AuthorizedKey['key'], comment: string): string {
  return `${type} ${bytes.toString('base64')} ${comment}`.trimEnd()
}

export type UserRecord = v.InferOutput<typeof user>
export type TokenRecord = v.InferOutput<typeof token>

/** All users, by their names. */
export type Users = ReadonlyMap<string, UserRecord>
