import type { FlagValue } from '../commands/command.js'
import type { GlobalFlags } from './global-flags.js'
import type { Settings } from './settings.js'
import {
  foldLayers,
  layerOfFlags,
  type SettingKey,
  type SettingsLayer,
  type SettingValues,
  settingName,
} from './settings-layer.js'

/** A setting that was given somewhere. */
export interface GivenSetting {
  readonly value: FlagValue | false
  /** What gave it: `--jobs`, `$FTP_DIGEST`, `config.toml:3`, `set`. */
  readonly origin: string
}

/** The settings of a shell, a batch or one command: how they began, and what `set` has changed since. */
export class LiveSettings {
  readonly #start: readonly SettingsLayer[]
  #changes: SettingValues = {}
  #current: Settings

  /** Later layers win. Throws `usage` if a value is wrong. */
  constructor(layers: readonly SettingsLayer[]) {
    this.#start = layers
    this.#current = foldLayers(layers)
  }

  get current(): Settings {
    return this.#current
  }

  /** Throws `usage` if the value is wrong. */
  change(key: SettingKey, value: string | boolean): void {
    this.#become({ ...this.#changes, [key]: value })
  }

  /** Takes back what `change` has done. */
  undo(key: SettingKey): void {
    this.#become({ ...this.#changes, [key]: undefined })
  }

  /** Undefined if nothing gave it, so that the default is in force. */
  find(key: SettingKey): GivenSetting | undefined {
    const layer = this.#layers(this.#changes).findLast(({ values }) => values[key] !== undefined)
    const value = layer?.values[key]
    if (layer === undefined || value === undefined) return undefined
    return { value, origin: layer.placeOf?.(key) ?? layer.nameOf(key) }
  }

  /** The same settings if no flag was given, and otherwise others, in which the flags win. */
  withFlags(flags: GlobalFlags): LiveSettings {
    if (Object.values(flags).every((value) => value === undefined)) return this
    return new LiveSettings([...this.#layers(this.#changes), layerOfFlags(flags)])
  }

  /** Settings that begin as these are now, with some of them different. */
  fork(different: Partial<Settings>): LiveSettings {
    const { limitRate } = this.#current
    const values = {}
    const adjust = (settings: Settings) => ({ ...settings, limitRate, ...different })
    return new LiveSettings([...this.#layers(this.#changes), { values, nameOf: settingName, adjust }])
  }

  #become(changes: SettingValues): void {
    this.#current = foldLayers(this.#layers(changes))
    this.#changes = changes
  }

  #layers(changes: SettingValues): readonly SettingsLayer[] {
    return [...this.#start, { values: changes, nameOf: settingName, placeOf: () => 'set' }]
  }
}
