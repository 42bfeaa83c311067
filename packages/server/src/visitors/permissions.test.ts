import { describe, expect, test } from 'vitest'
import { type Permission, Permissions } from './permissions.js'

const permissions = new Permissions('ann', [
  { path: '/', allows: ['list', 'read'] },
  { path: '/inbox', allows: ['list', 'read', 'write', 'delete'] },
  { path: '/inbox/archive', allows: ['list'] },
])

describe('the rule with the longest path decides', () => {
  test.each<[Permission, string, boolean]>([
    ['read', '/', true],
    ['write', '/', false],
    ['write', '/a', false],
    ['write', '/inbox', true],
    ['write', '/inbox/a', true],
    ['overwrite', '/inbox/a', false],
    ['write', '/inboxes/a', false],
    ['write', '/inbox/archive', false],
    ['read', '/inbox/archive/2026/a', false],
    ['list', '/inbox/archive/2026', true],
  ])('%s %s: %s', (permission, path, allowed) => {
    expect(permissions.allows(permission, path)).toBe(allowed)
  })
})

test('a refusal names who, what and where', () => {
  expect(() => permissions.check('write', '/a')).toThrow(
    expect.objectContaining({
      code: 'permission-denied',
      message: 'ann has no permission to write here',
      path: '/a',
    }),
  )
})

test('a folder with all that is in it needs the permission everywhere below', () => {
  expect(() => permissions.check('delete', '/inbox')).not.toThrow()
  expect(() => permissions.checkBelow('delete', '/inbox')).toThrow(
    expect.objectContaining({ code: 'permission-denied', path: '/inbox/archive' }),
  )
  expect(() => permissions.checkBelow('delete', '/inbox/a')).not.toThrow()
})

test('without a rule nothing is allowed', () => {
  expect(new Permissions('bob', []).at('/')).toEqual([])
  expect(new Permissions('bob', [{ path: '/b', allows: ['read'] }]).allows('read', '/a')).toBe(false)
})
