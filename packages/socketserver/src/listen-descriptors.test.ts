import { describe, expect, it } from 'vitest'
import { listenDescriptors } from './listen-descriptors.js'

const pid = String(process.pid)

describe('listenDescriptors', () => {
  it('counts from 3', () => {
    expect(listenDescriptors({ LISTEN_PID: pid, LISTEN_FDS: '2' })).toEqual([3, 4])
  })

  it('is empty when nothing was passed, or to somebody else', () => {
    expect(listenDescriptors({})).toEqual([])
    expect(listenDescriptors({ LISTEN_PID: '1', LISTEN_FDS: '2' })).toEqual([])
    expect(listenDescriptors({ LISTEN_PID: pid, LISTEN_FDS: 'many' })).toEqual([])
    expect(listenDescriptors({ LISTEN_PID: pid, LISTEN_FDS: '-1' })).toEqual([])
  })
})
