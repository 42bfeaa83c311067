import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { publish } from './publish.js'

let folder: string
let temporary: string
let target: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jftp-publish-'))
  temporary = join(folder, 'temporary')
  target = join(folder, 'target')
  writeFileSync(temporary, 'new')
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

const files = () =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]))

describe('publish', () => {
  test.each(['overwrite', 'skip', 'rename', 'fail'] as const)('%s takes a free name', (onExists) => {
    expect(publish(temporary, target, onExists)).toBe(target)
    expect(files()).toEqual({ target: 'new' })
  })

  test('replaces only where told to', () => {
    writeFileSync(target, 'old')
    expect(() => publish(temporary, target, 'fail')).toThrow(
      expect.objectContaining({ code: 'local-exists' }),
    )
    expect(files()).toEqual({ target: 'old', temporary: 'new' })
    expect(publish(temporary, target, 'rename')).toBe(`${target}.new`)
    expect(files()).toEqual({ target: 'old', 'target.new': 'new' })
    writeFileSync(temporary, 'newer')
    expect(publish(temporary, target, 'skip')).toBeUndefined()
    expect(files()).toEqual({ target: 'old', 'target.new': 'new' })
    writeFileSync(temporary, 'newest')
    expect(publish(temporary, target, 'overwrite')).toBe(target)
    expect(files()).toEqual({ target: 'newest', 'target.new': 'new' })
    writeFileSync(temporary, 'another')
    expect(publish(temporary, target, 'rename')).toBe(`${target}.new.2`)
    expect(files()).toEqual({ target: 'newest', 'target.new': 'new', 'target.new.2': 'another' })
  })
})
