import type { Stats } from 'node:fs'
import { join, resolve } from 'node:path'
import { FtpError } from '@jftp/client'
import { readTomlFile, type TomlFile } from '../toml-file.js'
import { configFolder } from '../user-folders.js'
import type { SettingsLayer } from './settings-layer.js'
import { readSettingsTable } from './settings-table.js'

/** In the current folder. */
const PROJECT_FILE = '.jftp.toml'

/** Which files are read. */
export interface SettingsFilesOptions {
  /** --config or $FTP_CONFIG. */
  readonly config: string | undefined
  /** --profile or $FTP_PROFILE. */
  readonly profile: string | undefined
  readonly folder: string
  readonly env: NodeJS.ProcessEnv
}

/** What the configuration files say. */
export interface SettingsFiles {
  /** A later one wins: the user's file, that of the project, and the profile of each. */
  readonly layers: readonly SettingsLayer[]
  readonly aliases: ReadonlyMap<string, string>
}

/** Throws `usage` with file, line and key if something in the files is wrong. */
export async function readSettingsFiles(options: SettingsFilesOptions): Promise<SettingsFiles> {
  const { config, profile, folder, env } = options
  const path = config === undefined ? join(configFolder(env), 'config.toml') : resolve(folder, config)
  const own = await readTomlFile(path, requireOwnFile)
  if (own === undefined && config !== undefined)
    throw new FtpError('local-not-found', 'there is no such file, or it may not be read', { path })
  const project = await readTomlFile(join(folder, PROJECT_FILE), requireOwnFile)
  const files = [
    own && readFile(own, 'own'),
    project && project.path !== own?.path ? readFile(project, 'project') : undefined,
  ].filter((file) => file !== undefined)
  if (profile !== undefined) requireProfile(profile, files)
  return {
    layers: [
      ...files.map(({ settings }) => settings),
      ...files.flatMap(({ profiles }) => profiles.get(profile ?? '') ?? []),
    ],
    aliases: new Map(files.flatMap(({ aliases }) => [...aliases])),
  }
}

interface ReadFile {
  readonly settings: SettingsLayer
  readonly profiles: ReadonlyMap<string, SettingsLayer>
  readonly aliases: ReadonlyMap<string, string>
}

/** A project's file comes with the project, so it gets neither files of the user's nor local programs. */
function readFile(file: TomlFile, whose: 'own' | 'project'): ReadFile {
  const { alias, profile, ...settings } = file.table
  if (alias !== undefined && whose === 'project') {
    throw wrong(file, ['alias'], `an alias may run local programs, so it stands only in config.toml`)
  }
  const profiles = new Map<string, SettingsLayer>()
  for (const [name, table] of Object.entries(tableOf(file, ['profile'], profile))) {
    const key = ['profile', name]
    profiles.set(name, readSettingsTable(file, key, tableOf(file, key, table), whose))
  }
  return {
    settings: readSettingsTable(file, [], settings, whose),
    profiles,
    aliases: readAliases(file, alias),
  }
}

function readAliases(file: TomlFile, alias: unknown): Map<string, string> {
  const aliases = new Map<string, string>()
  for (const [name, text] of Object.entries(tableOf(file, ['alias'], alias))) {
    if (typeof text !== 'string') throw wrong(file, ['alias', name], 'an alias is a text: ll = "ls -l"')
    aliases.set(name, text)
  }
  return aliases
}

function tableOf(file: TomlFile, key: readonly string[], value: unknown): Record<string, unknown> {
  if (value === undefined) return {}
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)) {
    return value as Record<string, unknown>
  }
  const example = key.length === 1 && key[0] === 'profile' ? 'profile.NAME' : key.join('.')
  throw wrong(file, key, `this is a table, and begins with [${example}]`)
}

function wrong(file: TomlFile, key: readonly string[], why: string): FtpError {
  return new FtpError('usage', `${file.path}:${file.lineOf(key)}: ${key.join('.')}: ${why}`)
}

function requireProfile(profile: string, files: readonly ReadFile[]): void {
  const names = files.flatMap(({ profiles }) => [...profiles.keys()])
  if (names.includes(profile)) return
  const fix = names.length === 0 ? 'no configuration file has one' : `there are ${names.join(', ')}`
  throw new FtpError('usage', `no profile '${profile}': ${fix}; a profile begins with [profile.${profile}]`)
}

/** Whoever can write to the file can say where files go, and run programs. */
function requireOwnFile(path: string, { uid, mode }: Stats): void {
  const own = process.getuid?.()
  if (own === undefined) return
  if (uid !== own && uid !== 0) {
    const message = `${path} belongs to another user, who could send your files elsewhere; remove it, or work in another folder`
    throw new FtpError('local-permission', message, { path })
  }
  if ((mode & 0o002) !== 0) {
    throw new FtpError('local-permission', `others may change ${path}; run: chmod go-w ${path}`, { path })
  }
}
