import { describe, expect, test } from 'vitest'
import { KickedSessions } from './kicked-sessions.js'

describe('a thread that looks', () => {
  test('learns of each kick once', () => {
    const main = new KickedSessions()
    const thread = new KickedSessions(main.memory)
    expect(thread.news()).toBeUndefined()
    main.add(7)
    main.add(9)
    const news = thread.news()
    expect([6, 7, 8, 9].map((session) => news?.has(session))).toEqual([false, true, false, true])
    expect(thread.news()).toBeUndefined()
    main.add(11)
    expect(thread.news()?.has(11)).toBe(true)
  })

  test('finds one that was ended before its thread knew its number', () => {
    const main = new KickedSessions()
    const thread = new KickedSessions(main.memory)
    main.add(7)
    thread.news()
    expect([thread.has(7), thread.has(8)]).toEqual([true, false])
  })

  test('finds the latest ones if there were many', () => {
    const main = new KickedSessions()
    const thread = new KickedSessions(main.memory)
    for (let session = 1; session <= 3000; session++) main.add(session)
    const news = thread.news()
    expect([1, 2500, 3000].map((session) => news?.has(session))).toEqual([false, true, true])
  })
})
