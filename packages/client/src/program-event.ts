/** What a program on the server has printed, of exec. */
export interface ProgramOutputEvent {
  readonly v: 1
  readonly event: 'program-output'
  readonly stream: 'stdout' | 'stderr'
  readonly text: string
}

/** How a program on the server ended: with an exit code, or killed by a signal. */
export interface ProgramEndEvent {
  readonly v: 1
  readonly event: 'program-end'
  readonly name: string
  readonly exitCode?: number
  readonly signal?: string
}
