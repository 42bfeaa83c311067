/** How a contest differs from the same one on another disk or network. */
export interface Variant {
  /** Before the id: `disk-`. */
  readonly id: string
  /** After the title: ` on ext4`. */
  readonly title: string
}

export const IN_MEMORY: Variant = { id: '', title: '' }
