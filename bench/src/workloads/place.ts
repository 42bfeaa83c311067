/** What sets a contest apart from the same one elsewhere. */
export interface Place {
  /** Before the id: `disk-`. */
  readonly id: string
  /** After the title: ` on ext4`. */
  readonly title: string
}

export const IN_MEMORY: Place = { id: '', title: '' }
