import type { Command, Option } from 'commander'
import type { Hooks } from '../hook.js'
import type { Program } from '../programs/program.js'
import { UsageError } from '../usage-error.js'
import { type ConfigFile, readConfigFile } from './config-file.js'
import { givenPrograms, readPrograms } from './exec-settings.js'
import { givenHooks, readHooks } from './hook-settings.js'
import { DEFAULT_OPTIONS, optionsCommand, type RawOptions } from './options.js'

/** Where the value of an option comes from. */
export type Origin =
  | { readonly type: 'default' | 'option' }
  | { readonly type: 'variable'; readonly name: string }
  | { readonly type: 'file'; readonly path: string; readonly line: number }

/** One option: its key in the configuration file, its value as it was written, and where that comes from. */
export interface GivenOption {
  readonly key: string
  readonly value: string | boolean | undefined
  readonly origin: Origin
}

/** All options, from the command line, the environment and the configuration file. */
export interface GivenOptions {
  readonly raw: RawOptions
  /** With those of the tables `hooks` and `exec`. */
  readonly list: readonly GivenOption[]
  readonly hooks: Hooks
  readonly programs: readonly Program[]
}

/** An option of the command line wins over its variable, and that over the file. Throws UsageError and CommanderError. */
export async function readOptions(
  argv: readonly string[],
  program: Command = optionsCommand(),
): Promise<GivenOptions> {
  program.parse(argv, { from: 'user' })
  const { config } = program.opts<{ config?: string }>()
  const file = config === undefined ? undefined : await readConfigFile(config)
  if (file !== undefined) checkKeys(file, program)
  const options = [
    givenRoot(program, file),
    ...program.options.filter(isSetting).map((option) => given(option, program, file)),
  ]
  const values = options.map(({ key, value }) => [attributeOf(key), value] as const)
  const raw = Object.fromEntries(values.filter(([, value]) => value !== undefined)) as never
  const hooks = await readHooks(file)
  const programs = readPrograms(file)
  const list = [...options, ...givenHooks(file), ...givenPrograms(file, programs)]
  return { raw, list, hooks, programs }
}

/** What says how a command prints something is no setting. */
function isSetting(option: Option): boolean {
  return option.long !== '--version' && option.long !== '--json'
}

function keyOf(option: Option): string {
  return option.name().replace(/^no-/, '')
}

function attributeOf(key: string): string {
  return key.replace(/-(.)/g, (_dash, letter: string) => letter.toUpperCase())
}

function givenRoot(program: Command, file: ConfigFile | undefined): GivenOption {
  const key = 'root'
  const argument = program.args[0]
  if (argument !== undefined) return { key, value: argument, origin: { type: 'option' } }
  const variable = process.env['FTPD_ROOT']
  if (variable) return { key, value: variable, origin: { type: 'variable', name: 'FTPD_ROOT' } }
  return fromFile(key, ['string'], file) ?? { key, value: DEFAULT_OPTIONS.root, origin: { type: 'default' } }
}

function given(option: Option, program: Command, file: ConfigFile | undefined): GivenOption {
  const key = keyOf(option)
  const value = program.getOptionValue(option.attributeName()) as string | boolean | undefined
  switch (program.getOptionValueSource(option.attributeName())) {
    case 'cli':
      return { key, value, origin: { type: 'option' } }
    case 'env':
      return { key, value, origin: { type: 'variable', name: option.envVar ?? '' } }
    default:
      return fromFile(key, fileTypes(option), file) ?? { key, value, origin: { type: 'default' } }
  }
}

type FileType = 'string' | 'integer' | 'boolean'

/** What may be written in the file follows from what the help calls the value. */
function fileTypes(option: Option): readonly FileType[] {
  const placeholder = /<(.*)>/.exec(option.flags)?.[1]
  if (placeholder === undefined) return ['boolean']
  if (['N', 'PORT', 'SECONDS'].includes(placeholder)) return ['integer']
  if (['RATE', 'TIME', '[HOST:]PORT'].includes(placeholder)) return ['string', 'integer']
  return ['string']
}

const TYPE_NAMES: Readonly<Record<FileType, string>> = {
  string: 'a text in quotes',
  integer: 'a whole number',
  boolean: 'true or false',
}

function fromFile(
  key: string,
  types: readonly FileType[],
  file: ConfigFile | undefined,
): GivenOption | undefined {
  if (file === undefined || !Object.hasOwn(file.table, key)) return undefined
  const value: unknown = file.table[key]
  const line = file.lineOf([key])
  const type = typeOf(value)
  if (type === undefined || !types.includes(type)) {
    const allowed = types.map((each) => TYPE_NAMES[each]).join(' or ')
    throw new UsageError(`${file.path}:${line}: ${key} = ${shown(value)}: ${allowed} is needed`)
  }
  const origin = { type: 'file', path: file.path, line } as const
  return { key, value: typeof value === 'boolean' ? value : String(value), origin }
}

function typeOf(value: unknown): FileType | undefined {
  if (typeof value === 'string') return 'string'
  if (typeof value === 'boolean') return 'boolean'
  return Number.isInteger(value) ? 'integer' : undefined
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? ''
  return text.length > 60 ? `${text.slice(0, 59)}…` : text
}

function checkKeys(file: ConfigFile, program: Command): void {
  const known = ['root', 'hooks', 'exec', ...program.options.filter(isSetting).map(keyOf)].filter(
    (key) => key !== 'config',
  )
  for (const key of Object.keys(file.table)) {
    if (known.includes(key)) continue
    const line = file.lineOf([key])
    throw new UsageError(
      `${file.path}:${line}: there is no setting ${JSON.stringify(key)}; there are ${known.sort().join(', ')}`,
    )
  }
}

/** Names the place in the file, or the variable, if the value that is wrong comes from there. */
export function locate(error: unknown, { list }: GivenOptions): unknown {
  if (!(error instanceof UsageError)) return error
  const flag = /^--([a-z-]+)/.exec(error.message)?.[1]
  const wrong = list.find(({ key }) => key === (error.option ?? flag))
  if (wrong === undefined) return error
  const { key, origin } = wrong
  const problem = flag === key ? error.message.slice(`--${key}`.length) : `: ${error.message}`
  if (origin.type === 'file') return new UsageError(`${origin.path}:${origin.line}: ${key}${problem}`)
  if (origin.type === 'variable') return new UsageError(`${origin.name}${problem}`)
  return error
}
