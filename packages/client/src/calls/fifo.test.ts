import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Fifo } from './fifo.js'

test('gives back in order what was put in, like an array', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat())), (steps) => {
      const fifo = new Fifo<number>()
      const model: number[] = []
      for (const step of steps) {
        if (step === null) {
          expect(fifo.shift()).toBe(model.shift())
        } else {
          fifo.push(step)
          model.push(step)
        }
        expect(fifo.length).toBe(model.length)
        expect(fifo.peek()).toBe(model[0])
      }
      expect([...fifo.drain()]).toEqual(model)
    }),
  )
})

test('keeps its order over many rounds', () => {
  const fifo = new Fifo<number>()
  let next = 0
  for (let round = 0; round < 100; round++) {
    for (let index = 0; index < 100; index++) fifo.push(round * 100 + index)
    for (let index = 0; index < 90; index++) expect(fifo.shift()).toBe(next++)
  }
  expect([...fifo.drain()]).toEqual(Array.from({ length: 1000 }, (_, index) => next + index))
})
