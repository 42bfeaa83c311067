import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import type { CommandEnvironment } from '../commands/command-environment.js'
import type { RemoteSession } from '../locations/remote-session.js'
import type { CompletionName, CompletionSources, NameKind } from './completion.js'

/** A listing is asked for again after this time. */
const CACHE_MS = 5000
/** The longest time that a Tab may take. */
const PATIENCE_MS = 2000
/** The user could not read more names than this. */
const MAX_NAMES = 5000

/** Names from both disks and those that the user has given. Remote listings are kept for a moment, because one Tab often follows another. */
export class DiskCompletion implements CompletionSources {
  readonly #environment: CommandEnvironment
  readonly #cache = new Map<string, { readonly until: number; readonly names: Promise<CompletionName[]> }>()

  constructor(environment: CommandEnvironment) {
    this.#environment = environment
  }

  /** Forgets all listings, because a command may have changed what is there. */
  forget(): void {
    this.#cache.clear()
  }

  async local(folder: string): Promise<CompletionName[]> {
    try {
      const entries = await readdir(this.#environment.local.resolve(folder || '.'), { withFileTypes: true })
      return entries.map((entry) => ({ name: entry.name, type: typeOf(entry) }))
    } catch {
      return []
    }
  }

  /** Gives no names if there is no connection just now: Tab never opens one. */
  async remote(folder: string): Promise<CompletionName[]> {
    const { remote, liveSettings } = this.#environment
    const location = remote.locate(folder || '.')
    if (!location) return []
    const cached = this.#cache.get(location.path)
    if (cached && cached.until > performance.now()) return cached.names
    // What is said of a retry would be written into the line that is being typed.
    remote.beginCommand({ ...liveSettings.current, verbosity: 'quiet' })
    // What could not be read, because the server was busy, may be there at the next Tab.
    const names = namesOf(location).catch(() => {
      this.#cache.delete(location.path)
      return []
    })
    this.#cache.set(location.path, { until: performance.now() + CACHE_MS, names })
    return names
  }

  alias(name: string): string | undefined {
    return this.#environment.aliases.get(name)
  }

  async names(kind: NameKind): Promise<readonly string[]> {
    const { aliases, bookmarks } = this.#environment
    if (kind === 'alias') return aliases.names
    try {
      return (await bookmarks.all()).map(([name]) => name)
    } catch {
      return []
    }
  }
}

function typeOf(entry: Dirent): CompletionName['type'] {
  if (entry.isSymbolicLink()) return 'link'
  return entry.isDirectory() ? 'folder' : 'file'
}

async function namesOf({
  client,
  path,
}: NonNullable<ReturnType<RemoteSession['locate']>>): Promise<CompletionName[]> {
  const names: CompletionName[] = []
  for await (const entry of client.list(path, { signal: AbortSignal.timeout(PATIENCE_MS) })) {
    if (entry.path === path || entry.rawName !== undefined) continue
    const type = entry.type === 'directory' ? 'folder' : entry.type === 'link' ? 'link' : 'file'
    names.push({ name: entry.name, type })
    if (names.length >= MAX_NAMES) break
  }
  return names
}
