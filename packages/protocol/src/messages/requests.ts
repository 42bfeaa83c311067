import { parseJsonPayload } from '../json.js'
import { ProtocolError } from '../protocol-error.js'
import { COMMANDS, type CommandName, type RequestOf } from './commands.js'
import { validate } from './validate.js'

/** The command and the arguments in a REQUEST. `parseArguments` checks them later, when the request's turn comes. */
export function parseRequest(payload: Uint8Array): { cmd: string; args: Record<string, unknown> } {
  const { cmd, ...args } = parseJsonPayload(payload)
  if (typeof cmd !== 'string') {
    throw new ProtocolError('bad-request', "malformed REQUEST: 'cmd' must be the name of a command")
  }
  return { cmd, args }
}

/** Throws `bad-request` with the argument that is wrong. */
export function parseArguments<C extends CommandName>(cmd: C, args: Record<string, unknown>): RequestOf<C> {
  return validate(COMMANDS[cmd].request, args, `${cmd} request`, 'bad-request') as RequestOf<C>
}
