import { isNormalRemotePath } from '@jftp/protocol'
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

const user = v.strictObject({
  name: v.pipe(v.string('must be a name'), v.check(isUserName, USER_NAME_RULE)),
  password: v.optional(passwordHashSchema),
  /** The folder that is `/` for this user, as a path from the root that is served. */
  home: v.optional(remotePath, '/'),
  /** What is allowed where; of all rules that fit, the one with the longest path decides. Paths start at `home`. */
  permissions: v.optional(v.array(rule, 'must be an array'), [{ path: '/', allows: [...PERMISSIONS] }]),
})

/** What the users file holds. A field that is not known is refused, because it may be a limit with a typing error. */
export const usersFileSchema = v.strictObject({
  version: v.literal(1, 'must be 1; a newer ftpd may have written the file'),
  users: v.pipe(
    v.array(user, 'must be an array'),
    v.check((users) => new Set(users.map(({ name }) => name)).size === users.length, 'has a user twice'),
  ),
})

export type UserRecord = v.InferOutput<typeof user>

/** All users, by their names. */
export type Users = ReadonlyMap<string, UserRecord>
