import { describe, expect, test } from 'vitest'
import { readTransferArguments } from './transfer-arguments.js'

const read = (args: string[], flags = {}, context: { isLastExpanded: boolean } = { isLastExpanded: false }) =>
  readTransferArguments(context, args, flags, (last) => last.endsWith('/'))

describe('what is source and what target', () => {
  test.each([
    [['a'], ['a'], { type: 'own-name' }],
    [['a/'], ['a/'], { type: 'own-name' }],
    [['a', 'b'], ['a', 'b'], { type: 'own-name' }],
    [['a', 'b/'], ['a'], { type: 'path', path: 'b/' }],
    [['a', 'b', 'c/'], ['a', 'b'], { type: 'folder', path: 'c/' }],
    [['a', 'b', 'c'], ['a', 'b', 'c'], { type: 'own-name' }],
  ])('%j', async (args, sources, target) => {
    expect(await read(args)).toEqual({ sources, target })
  })

  test('what a pattern was expanded to is never a target', async () => {
    expect((await read(['a', 'b/'], {}, { isLastExpanded: true })).sources).toEqual(['a', 'b/'])
  })

  test('-o and -O say it', async () => {
    const target = { type: 'path', path: 'x' }
    expect(await read(['a'], { output: 'x' })).toEqual({ sources: ['a'], target })
    expect(await read(['a', 'b'], { outputFolder: 'x' })).toEqual({
      sources: ['a', 'b'],
      target: { type: 'folder', path: 'x' },
    })
    await expect(read(['a', 'b'], { output: 'x' })).rejects.toThrow('-o names one file and there are 2')
    await expect(read(['a'], { output: 'x', outputFolder: 'y' })).rejects.toThrow('use one of them')
  })
})
