import { COMMANDS } from '@jftp/protocol'

/** A field of a command's REQUEST or ACK, as its schema has it. */
export interface Field {
  readonly cmd: string
  readonly name: string
  /** The strings it may be; none if it is not one of a few. */
  readonly choices: readonly string[]
  readonly presence:
    | { readonly type: 'required' }
    | { readonly type: 'optional' }
    | { readonly type: 'default'; readonly value: string }
}

/** What is read of a valibot schema. */
interface Schema {
  readonly type: string
  readonly options?: readonly unknown[]
  readonly wrapped?: Schema
  readonly literal?: unknown
  readonly default?: unknown
}

/** Every argument (or fact) of every command, in the order of the table; one that several ACKs share comes once. */
export function commandFields(kind: 'argument' | 'fact'): Field[] {
  return Object.entries(COMMANDS).flatMap(([cmd, { request, ack }]) => {
    const schemas = kind === 'argument' ? [request] : 'options' in ack ? ack.options : [ack]
    const byName = new Map<string, Schema[]>()
    for (const schema of schemas) {
      for (const [name, type] of Object.entries<Schema>(schema.entries)) {
        byName.set(name, [...(byName.get(name) ?? []), type])
      }
    }
    return [...byName].map(([name, types]) => ({
      cmd,
      name,
      choices: types.flatMap(choicesOf),
      presence: presenceOf(types[0] as Schema),
    }))
  })
}

function presenceOf({ type, default: value }: Schema): Field['presence'] {
  if (type !== 'optional') return { type: 'required' }
  return value === undefined ? { type: 'optional' } : { type: 'default', value: String(value) }
}

function choicesOf({ options, wrapped, literal }: Schema): string[] {
  if (wrapped !== undefined) return choicesOf(wrapped)
  if (typeof literal === 'string') return [literal]
  return (options ?? []).filter((option) => typeof option === 'string')
}
