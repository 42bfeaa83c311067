import { setMaxListeners } from 'node:events'

/** A controller whose signal every running handler may listen to: Node would warn of more than ten listeners. */
export function closingController(): AbortController {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  return controller
}
