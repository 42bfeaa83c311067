import { expect, test } from 'vitest'
import { TransferBoard } from './transfer-board.js'

const subject = (label: string) => ({ label, path: `/${label}` })

test('adds up files that ended and files under way', () => {
  let now = 0
  const board = new TransferBoard({ files: 3, bytes: 300, isGrowing: false }, () => now)
  const first = board.begin(subject('a'), 100)
  const second = board.begin(subject('b'), 100)
  first.update(100, 100)
  first.end()
  second.update(50, 100)
  now = 1000
  expect(board.overall()).toMatchObject({ label: '1/3 files', bytes: 150, total: 300, rate: 150 })
  expect(board.active.map((transfer) => transfer.subject.label)).toEqual(['b'])
})

test("a file's time begins when its bytes move, not when it began to wait", () => {
  let now = 0
  const board = new TransferBoard({ files: 2, bytes: undefined, isGrowing: false }, () => now)
  const first = board.begin(subject('a'), undefined)
  const second = board.begin(subject('b'), undefined)
  now = 1000
  first.update(10, 10)
  first.end()
  now = 1500
  second.update(10, 10)
  expect(second.ms).toBe(500)
  expect(second.position().rate).toBe(20)
})

test('what an earlier transfer has moved is no part of a rate', () => {
  let now = 0
  const board = new TransferBoard({ files: 1, bytes: 10_000, isGrowing: false }, () => now)
  const transfer = board.begin(subject('a'), 10_000)
  transfer.update(8100, 10_000, 8000)
  now = 1000
  transfer.update(8200, 10_000, 8000)
  expect(transfer.position()).toMatchObject({ bytes: 8200, rate: 200 })
  expect(board.overall()).toMatchObject({ bytes: 8200, rate: 200 })
  transfer.update(8400, 10_000, 8200)
  expect(transfer.position()).toMatchObject({ bytes: 8400, rate: 400 })
})

test('nothing for five seconds is a stall, and the rate is that of the last seconds', () => {
  let now = 0
  const board = new TransferBoard({ files: 1, bytes: undefined, isGrowing: false }, () => now)
  const transfer = board.begin(subject('a'), 10_000)
  for (now = 100; now <= 1000; now += 100) transfer.update(now, 10_000)
  expect(transfer.position()).toMatchObject({ isStalled: false })
  now = 6000
  expect(transfer.position()).toMatchObject({ isStalled: true })
  now = 20_000
  transfer.update(1001, 10_000)
  expect(transfer.position().rate).toBeLessThan(100)
})

test('waiting files are not shown, but one alone is from the start', () => {
  const many = new TransferBoard({ files: 2, bytes: undefined, isGrowing: false })
  many.begin(subject('a'), undefined)
  expect(many.active).toEqual([])
  const one = new TransferBoard({ files: 1, bytes: undefined, isGrowing: false })
  one.begin(subject('a'), undefined)
  expect(one.active).toHaveLength(1)
})

test('grows while more files are found', () => {
  const board = new TransferBoard({ files: 0, bytes: 0, isGrowing: true })
  board.grow(100)
  expect(board.isSingle).toBe(false)
  expect(board.overall()).toMatchObject({ label: '0/1+ files', total: 100 })
  board.grow(50)
  board.complete()
  expect(board.overall()).toMatchObject({ label: '0/2 files', total: 150 })
})
