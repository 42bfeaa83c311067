import { homedir } from 'node:os'
import { dirname, resolve } from 'node:path'
import { FtpError } from '@jftp/client'
import type { FlagValue } from '../commands/command.js'
import { suggest } from '../text/suggestion.js'
import type { TomlFile } from '../toml-file.js'
import {
  findSettingKey,
  foldLayers,
  isSwitch,
  SETTING_KEYS,
  type SettingKey,
  type SettingsLayer,
  type SettingValues,
  settingName,
} from './settings-layer.js'

/** Their values are paths, from the folder of the file. */
const PATHS: readonly SettingKey[] = ['ca', 'passwordFile', 'tokenFile', 'key']

const SECRETS = ['passwordFile', 'tokenFile', 'key'] as const

/** They say which certificate a server may have. */
const TRUST = ['pin', 'ca', 'yes'] as const

/**
 * Reads the settings of one table of a configuration file: the whole file, or a profile. Throws `usage`, with file, line
 * and key, if a key is unknown or a value is wrong.
 */
export function readSettingsTable(
  file: TomlFile,
  path: readonly string[],
  table: Readonly<Record<string, unknown>>,
  whose: 'own' | 'project',
): SettingsLayer {
  const placeOf = (name: string) => `${file.path}:${file.lineOf([...path, name])}`
  const nameAt = (name: string) => `${placeOf(name)}: ${name}`
  const values: Partial<Record<SettingKey, FlagValue | false>> = {}
  for (const [name, value] of Object.entries(table)) {
    const key = findSettingKey(name)
    if (key === undefined) throw new FtpError('usage', `${nameAt(name)}: ${unknown(name, path)}`)
    values[key] = readValue(nameAt(name), file, key, value)
  }
  const read: SettingsLayer = {
    values: values as SettingValues,
    nameOf: (key) => nameAt(settingName(key)),
    placeOf: (key) => placeOf(settingName(key)),
  }
  const layer = whose === 'project' ? ofProject(read) : bindSecret(read)
  // A wrong value of a profile is not left to be found by whoever uses it first.
  foldLayers([layer])
  return layer
}

function unknown(name: string, path: readonly string[]): string {
  const names = [
    ...SETTING_KEYS.map(settingName),
    ...(path.length === 0 ? ['[profile.NAME]', '[alias]'] : []),
  ]
  const meant = suggest(name, names)
  const fix = meant === undefined ? `there are ${names.join(', ')}` : `did you mean '${meant}'?`
  return `there is no such setting; ${fix}`
}

function readValue(name: string, file: TomlFile, key: SettingKey, value: unknown): FlagValue | false {
  if (isSwitch(key)) {
    if (typeof value === 'boolean') return value
    throw new FtpError('usage', `${name} is true or false, not ${JSON.stringify(value)}`)
  }
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  if (typeof value !== 'string' || value === '') {
    throw new FtpError('usage', `${name} is a text or a number, not ${JSON.stringify(value)}`)
  }
  if (!PATHS.includes(key)) return value
  const inHome = value.startsWith('~/') ? resolve(homedir(), value.slice(2)) : value
  return resolve(dirname(file.path), inHome)
}

/** The server that a project names is remembered as such, because it gets no secret of the user's. */
function ofProject(layer: SettingsLayer): SettingsLayer {
  requireHarmless(layer)
  if (layer.values.url === undefined) return layer
  return { ...layer, adjust: (settings) => ({ ...settings, urlFromProject: layer.placeOf?.('url') }) }
}

/** A project comes from others, and they could have secrets sent to them, or put themselves between you and a server. */
function requireHarmless({ values, nameOf }: SettingsLayer): void {
  const given = (key: SettingKey) => values[key] !== undefined
  const secret = SECRETS.find(given)
  if (secret !== undefined) {
    throw new FtpError(
      'usage',
      `${nameOf(secret)}: a project's file must not say which secret is sent where; use config.toml`,
    )
  }
  const trust = TRUST.find(given)
  if (trust !== undefined) {
    throw new FtpError(
      'usage',
      `${nameOf(trust)}: a project's file must not say which servers are trusted; use config.toml`,
    )
  }
}

/** A password or token of a file is only for the server that the file names beside it. */
function bindSecret(layer: SettingsLayer): SettingsLayer {
  const { values, nameOf } = layer
  const { url } = values
  const secret = SECRETS.find((key) => values[key] !== undefined)
  if (secret === undefined) return layer
  // A key is never sent.
  if (secret === 'key') return layer
  if (typeof url !== 'string' || !/^jftps?:\/\//i.test(url)) {
    throw new FtpError(
      'usage',
      `${nameOf(secret)} is for one server: write its url (jftps://…) in the same table`,
    )
  }
  return { ...layer, credentialsFor: url }
}
