import type { CredentialSettings } from './credential-settings.js'
import { applyFlags, type GlobalFlags, globalFlags } from './global-flags.js'
import type { Settings } from './settings.js'

/** A setting is called as its flag is, without the dashes. These flags are for one invocation only. */
export type SettingKey = Exclude<keyof GlobalFlags, 'passwordStdin' | 'json' | 'profile' | 'config'>

const ONE_INVOCATION: readonly string[] = ['passwordStdin', 'json', 'profile', 'config']

export const SETTING_KEYS = Object.keys(globalFlags).filter(
  (key): key is SettingKey => !ONE_INVOCATION.includes(key),
)

/** A switch that is off is false; everything else is a text, as a flag would have it. */
export type SettingValues = { readonly [K in SettingKey]?: GlobalFlags[K] | false }

/** The settings that come from one place. */
export interface SettingsLayer {
  readonly values: SettingValues
  /** How a message calls a setting of this place: `--jobs`, `$FTP_PIN`, `config.toml:3: jobs`. */
  nameOf(key: keyof GlobalFlags): string
  /** Where it stands, if its name does not say so: `config.toml:3`. */
  placeOf?(key: SettingKey): string
  /** The URL of the only server that the password or the token of this place is for; undefined if it is for any. */
  readonly credentialsFor?: string
  /** What else this place sets. */
  adjust?(settings: Settings): Settings
}

export function settingName(key: keyof GlobalFlags): string {
  return (globalFlags[key].spelling.split(', ').at(-1) ?? '').slice(2)
}

export function findSettingKey(name: string): SettingKey | undefined {
  return SETTING_KEYS.find((key) => settingName(key) === name)
}

/** Whether a setting is a switch, which has no value but is on or off. */
export function isSwitch(key: SettingKey): boolean {
  return !('value' in globalFlags[key])
}

/** What is in force if nothing is set. */
const DEFAULTS: Settings = {
  url: undefined,
  urlFromProject: undefined,
  user: undefined,
  credentials: { type: 'none' },
  pin: undefined,
  ca: undefined,
  input: 'ask',
  assumesYes: false,
  timeout: undefined,
  maxTime: undefined,
  retry: { retries: 3, delay: 1000, when: 'once-connected' },
  limitRate: undefined,
  digest: 'md5',
  onExists: undefined,
  isDryRun: false,
  connections: 1,
  format: 'text',
  progress: 'auto',
  verbosity: 'normal',
  colour: 'auto',
}

/** The settings of all layers; a later one wins. Throws `usage` if a value is wrong. */
export function foldLayers(layers: readonly SettingsLayer[]): Settings {
  return layers.reduce(applyLayer, DEFAULTS)
}

/** A layer that holds only flags. */
export function layerOfFlags(flags: GlobalFlags): SettingsLayer {
  return { values: flags, nameOf: (key) => `--${settingName(key)}` }
}

const SWITCHED_OFF: { readonly [K in SettingKey]?: Partial<Settings> } = {
  noInput: { input: 'ask' },
  yes: { assumesYes: false },
  dryRun: { isDryRun: false },
  quiet: { verbosity: 'normal' },
  verbose: { verbosity: 'normal' },
  noColor: { colour: 'auto' },
}

function applyLayer(settings: Settings, { values, nameOf, credentialsFor, adjust }: SettingsLayer): Settings {
  let start = settings
  const flags: Partial<Record<string, GlobalFlags[SettingKey]>> = {}
  for (const key of Object.keys(values) as SettingKey[]) {
    const value = values[key]
    if (value === false) start = { ...start, ...SWITCHED_OFF[key] }
    else flags[key] = value
  }
  const applied = applyFlags(start, flags as GlobalFlags, nameOf)
  const bound = credentialsFor === undefined ? applied : bindCredentials(start, applied, credentialsFor)
  return adjust ? adjust(bound) : bound
}

function bindCredentials(before: Settings, after: Settings, url: string): Settings {
  const { credentials } = after
  return { ...after, credentials: { type: 'for-server', url, credentials, otherwise: before.credentials } }
}

/** A layer of the settings that variables have. */
export function layerOfEnvironment(
  env: NodeJS.ProcessEnv,
  credentials: CredentialSettings | undefined,
): SettingsLayer {
  return {
    values: {
      url: env['FTP_URL'] || undefined,
      user: env['FTP_USER'] || undefined,
      pin: env['FTP_PIN'] || undefined,
      limitRate: env['FTP_LIMIT_RATE'] || undefined,
      digest: env['FTP_DIGEST'] || undefined,
      noColor: env['NO_COLOR'] ? true : undefined,
    },
    nameOf: (key) =>
      key === 'noColor' ? '$NO_COLOR' : `$FTP_${settingName(key).toUpperCase().replaceAll('-', '_')}`,
    adjust: (settings) => (credentials === undefined ? settings : { ...settings, credentials }),
  }
}
