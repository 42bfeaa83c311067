import { ProtocolError } from '@jftp/protocol'

/** What a visitor may be allowed to do. `write` makes new names; replacing what is there needs `overwrite`. */
export const PERMISSIONS = ['list', 'read', 'write', 'overwrite', 'delete'] as const

export type Permission = (typeof PERMISSIONS)[number]

/** What is allowed at a path and below it. */
export interface PermissionRule {
  /** A normal remote path. */
  readonly path: string
  readonly allows: readonly Permission[]
}

/**
 * What one visitor may do where. Of all rules whose path contains a path, the one with the longest path
 * decides; without any, nothing is allowed.
 */
export class Permissions {
  readonly user: string
  /** The longest path first. */
  readonly #rules: readonly PermissionRule[]

  /** `user`: who it is, for messages. */
  constructor(user: string, rules: readonly PermissionRule[]) {
    this.user = user
    this.#rules = rules.toSorted((a, b) => b.path.length - a.path.length)
  }

  /** Whether the same is allowed everywhere, so that nobody needs to find out where a link leads. */
  get isUniform(): boolean {
    return this.#rules.length === 1 && this.#rules[0]?.path === '/'
  }

  /** What is allowed at `path`, which has to be resolved: no name of it may be a link. */
  at(path: string): readonly Permission[] {
    return this.#rules.find((rule) => contains(rule.path, path))?.allows ?? []
  }

  allows(permission: Permission, path: string): boolean {
    return this.at(path).includes(permission)
  }

  /** Throws `permission-denied` unless that is allowed at `path`, which has to be resolved. */
  check(permission: Permission, path: string): void {
    if (!this.allows(permission, path)) throw this.#refusal(permission, path)
  }

  /** The same for a folder with all that is in it, now or later. */
  checkBelow(permission: Permission, path: string): void {
    this.check(permission, path)
    const forbidden = this.#rules.find(
      (rule) => contains(path, rule.path) && !rule.allows.includes(permission),
    )
    if (forbidden !== undefined) throw this.#refusal(permission, forbidden.path)
  }

  #refusal(permission: Permission, path: string): ProtocolError {
    // Where the same is allowed everywhere, callers ask about `/`. The path of the request is added later.
    const where = this.isUniform ? {} : { path }
    const message = `${this.user} has no permission to ${permission} here`
    return new ProtocolError('permission-denied', message, where)
  }
}

function contains(folder: string, path: string): boolean {
  return folder === '/' || path === folder || path.startsWith(`${folder}/`)
}
