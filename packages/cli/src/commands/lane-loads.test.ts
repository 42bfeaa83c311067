import { expect, test } from 'vitest'
import { LaneLoads } from './lane-loads.js'

test('files go past a connection that has a large one to move, until that is done', () => {
  const loads = new LaneLoads(2)
  const large = loads.begin(100)
  expect([large, loads.begin(1), loads.begin(1)].map(({ lane }) => lane)).toEqual([0, 1, 1])
  large.end()
  expect(loads.begin(1).lane).toBe(0)
})

test('files of unknown size go to the connection with the fewest', () => {
  const loads = new LaneLoads(2)
  const uses = [loads.begin(0), loads.begin(0), loads.begin(0)]
  expect(uses.map(({ lane }) => lane)).toEqual([0, 1, 0])
  uses[1]?.end()
  expect(loads.begin(0).lane).toBe(1)
})
