import { describe, expect, test } from 'vitest'
import { ReceivedMemory } from './received-memory.js'

describe('memory of received chunks', () => {
  const begin = () => {
    const back: ArrayBufferLike[] = []
    return { back, memory: new ReceivedMemory((each) => back.push(each)) }
  }

  test('a chunk without pieces goes back when it is decoded to its last byte', () => {
    const { back, memory } = begin()
    const [first, second] = [new Uint8Array(10), new Uint8Array(20)]
    memory.received(first)
    memory.received(second)
    memory.decoded(21)
    expect(back).toEqual([])
    memory.decoded(20)
    expect(back).toEqual([first.buffer])
    memory.decoded(1)
    expect(back).toHaveLength(1)
    memory.decoded(0)
    expect(back[1]).toBe(second.buffer)
  })

  test('a chunk goes back when its last piece is let go, and only once', () => {
    const { back, memory } = begin()
    const chunk = new Uint8Array(100)
    memory.received(chunk)
    const [first, second] = [chunk.subarray(0, 50), chunk.subarray(60)]
    memory.hold(first)
    memory.hold(second)
    memory.letGo(first)
    memory.decoded(0)
    expect(back).toEqual([])
    memory.letGo(second)
    expect(back).toEqual([chunk.buffer])
    memory.letGo(second)
    expect(back).toHaveLength(1)
  })

  test('a chunk whose pieces are let go stays as long as bytes of it are not decoded', () => {
    const { back, memory } = begin()
    const chunk = new Uint8Array(100)
    memory.received(chunk)
    memory.hold(chunk.subarray(0, 50))
    memory.letGo(chunk.subarray(0, 50))
    memory.decoded(50)
    expect(back).toEqual([])
    memory.decoded(0)
    expect(back).toEqual([chunk.buffer])
  })
})
