import { FtpError } from '@jftp/client'
import { printable } from '@jftp/protocol'
import type { LiveSettings } from '../settings/live-settings.js'
import {
  findSettingKey,
  isSwitch,
  SETTING_KEYS,
  type SettingKey,
  settingName,
} from '../settings/settings-layer.js'
import { suggest } from '../text/suggestion.js'
import { defineCommand } from './command.js'

/** `open` and not a setting says which server a shell talks to. */
const SETTABLE: readonly SettingKey[] = SETTING_KEYS.filter((key) => key !== 'url')

export const set = defineCommand({
  dryRun: 'runs',
  arguments: [
    { name: 'NAME', takes: 'maybe', kinds: [['setting']] },
    { name: 'VALUE', takes: 'maybe', kinds: [[]] },
  ],
  flags: { default: { spelling: '--default', help: 'take back what set has changed' } },
  notes: [
    'A setting is called as its flag is, without the dashes, and holds until the shell or the batch ends:',
    '  set on-exists skip    set jobs 4    set quiet true    set --default jobs',
    'Without VALUE it shows one, and without NAME all, with what has set it. A flag of a command wins over set.',
    'Settings that are kept stand in $XDG_CONFIG_HOME/jftp/config.toml under the same names: on-exists = "skip".',
  ],
  async run({ liveSettings, flags, output }, [name, value], { default: isDefault }) {
    const keys = name === undefined ? SETTABLE : [requireKey(name)]
    if (name !== undefined && value !== undefined) {
      if (isDefault) throw new FtpError('usage', 'give a value or --default, not both')
      for (const key of keys) liveSettings.change(key, valueOf(key, value))
      return
    }
    if (isDefault) {
      for (const key of keys) liveSettings.undo(key)
      return
    }
    const shown = liveSettings.withFlags(flags)
    for (const key of keys) {
      const { text, origin } = describe(shown, key)
      const line = text === undefined ? settingName(key) : `${settingName(key)} ${text}`
      await output.answer(printable(`${line.padEnd(30)}  # ${origin}`))
      await output.event({
        v: 1,
        event: 'setting',
        name: settingName(key),
        ...(text === undefined ? {} : { value: text }),
        origin,
      })
    }
  },
})

function requireKey(name: string): SettingKey {
  const key = findSettingKey(name.replace(/^--/, ''))
  if (key !== undefined && SETTABLE.includes(key)) return key
  if (key !== undefined) throw new FtpError('usage', `'open' says which server is used, not 'set ${name}'`)
  const meant = suggest(name, SETTABLE.map(settingName))
  throw new FtpError(
    'usage',
    `no setting '${name}'; ${meant === undefined ? "'set' lists them" : `did you mean '${meant}'?`}`,
  )
}

function valueOf(key: SettingKey, text: string): string | boolean {
  if (!isSwitch(key)) return text
  if (text === 'true' || text === 'false') return text === 'true'
  throw new FtpError('usage', `${settingName(key)} is true or false, not '${text}'`)
}

function describe(settings: LiveSettings, key: SettingKey): { text: string | undefined; origin: string } {
  const given = settings.find(key)
  if (given === undefined) return { text: isSwitch(key) ? 'false' : DEFAULT_TEXTS[key], origin: 'default' }
  return { text: String(given.value), origin: given.origin }
}

const DEFAULT_TEXTS: Partial<Record<SettingKey, string>> = {
  retries: '3',
  retryDelay: '1',
  limitRate: 'none',
  digest: 'md5',
  onExists: 'overwrite',
  jobs: '1',
  progress: 'auto',
}
