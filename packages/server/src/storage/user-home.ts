import type { DiskRoot } from './disk-root.js'
import { makeFolders } from './make-folders.js'

/** The homes that sessions of this thread use, by their real paths. */
const used = new Map<string, { readonly root: DiskRoot; sessions: number }>()

/** The folder that is `/` for a user. All sessions of one thread that have the same home share it. */
export class UserHome {
  readonly root: DiskRoot
  readonly #key: string

  private constructor(root: DiskRoot, key: string) {
    this.root = root
    this.#key = key
  }

  /** `path`: from the root on. The folder is made if it is missing. Links are followed inside the root only. */
  static async open(whole: DiskRoot, path: string): Promise<UserHome> {
    await makeFolders(whole.walk, path, () => {})
    const { walk } = whole
    const place = walk.targetOf(path)
    let real: string
    try {
      const remote = walk.pathOf(place)
      real = whole.path === '/' ? remote : whole.path + remote
    } finally {
      place.folder.close()
    }
    const home = used.get(real) ?? { root: whole.home(real), sessions: 0 }
    used.set(real, home)
    home.sessions++
    return new UserHome(home.root, real)
  }

  close(): void {
    const home = used.get(this.#key)
    if (home === undefined || --home.sessions > 0) return
    used.delete(this.#key)
    home.root.close()
  }
}
