import { RateLimit } from '@jftp/transfer'
import { MethodOffer } from './accounts/method-offer.js'
import type { HandlerSettings } from './ftp-request-handler.js'
import { LiveTables } from './live-tables.js'
import { SharedDeadlines } from './session/shared-deadlines.js'

/** A thread's views of the memory that it shares with the main thread. One of each is enough for all its sessions. */
export interface ThreadSettings {
  readonly offer: MethodOffer
  readonly deadlines: SharedDeadlines
  readonly tables: LiveTables
  /** Rates that hold for everybody. */
  readonly rates: readonly RateLimit[]
}

const known = new WeakMap<HandlerSettings, ThreadSettings>()

export function threadSettingsOf(settings: HandlerSettings): ThreadSettings {
  const { loginMethods, deadlines, rate, tables } = settings
  let views = known.get(settings)
  if (views === undefined) {
    views = {
      offer: new MethodOffer(loginMethods),
      deadlines: new SharedDeadlines(deadlines),
      tables: new LiveTables(tables),
      rates: [new RateLimit(rate.bytesPerSecond, rate.memory)],
    }
    known.set(settings, views)
  }
  return views
}
