import type { AnyCall } from './call.js'

/** Which calls end with which signal. Each signal has one listener, however many calls share it. */
export class Cancellations {
  readonly #cancel: (call: AnyCall, reason: unknown) => void
  readonly #watched = new Map<AbortSignal, { calls: Set<AnyCall>; listener: () => void }>()

  constructor(cancel: (call: AnyCall, reason: unknown) => void) {
    this.#cancel = cancel
  }

  add(call: AnyCall, signal: AbortSignal): void {
    const watched = this.#watched.get(signal)
    if (watched !== undefined) {
      watched.calls.add(call)
      return
    }
    const calls = new Set([call])
    const listener = () => {
      for (const each of [...calls]) this.#cancel(each, signal.reason)
    }
    signal.addEventListener('abort', listener)
    this.#watched.set(signal, { calls, listener })
  }

  delete(call: AnyCall, signal: AbortSignal): void {
    const watched = this.#watched.get(signal)
    if (!watched?.calls.delete(call) || watched.calls.size > 0) return
    signal.removeEventListener('abort', watched.listener)
    this.#watched.delete(signal)
  }
}
