import type { RemoteUrl } from '@jftp/client'
import type { Settings } from '../settings/settings.js'
import { isSameServer, readServerAddress, type ServerAddress } from './server-address.js'

/** The URL or the bookmark that the settings have, and where it stands if the file of a project gives it. */
export type SettingUrl = Pick<Settings, 'url' | 'urlFromProject'>

/** Throws `usage`. */
export function readSettingUrl({ url = '', urlFromProject }: SettingUrl): ServerAddress {
  const { server, folder } = readServerAddress(url)
  return { server: { ...server, fromProject: urlFromProject }, folder }
}

/** Whether a setting names that server. One that can't be read names none; it is refused only if a relative path needs it. */
export function isServerOf(setting: SettingUrl, server: RemoteUrl): boolean {
  try {
    return isSameServer(readSettingUrl(setting).server, server)
  } catch {
    return false
  }
}
