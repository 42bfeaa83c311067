import type { ProgramCall } from './command.js'

/** Where the two ends of a contest run, and how the client's end reaches the server's. */
export interface Site {
  /** The server's address. */
  readonly host: string
  /** The command, run where the servers are. */
  server(command: ProgramCall): ProgramCall
  /** The command, run where the clients are. */
  client(command: ProgramCall): ProgramCall
}

/** Both ends on this machine. */
export const LOOPBACK: Site = {
  host: '127.0.0.1',
  server: (command) => command,
  client: (command) => command,
}
