import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PERMISSIONS, type PermissionRule, Permissions } from '../visitors/permissions.js'
import { createToken, isOver, limitsOf } from './token.js'

const names = fc.array(fc.constantFrom('a', 'b'), { maxLength: 3 })
const path = names.map((each) => `/${each.join('/')}`)
const rules: fc.Arbitrary<PermissionRule[]> = fc.uniqueArray(
  fc.record({ path, allows: fc.subarray([...PERMISSIONS]) }),
  { selector: (rule) => rule.path, maxLength: 5 },
)

test('a token allows exactly what both it and its user may do, at every path', () => {
  fc.assert(
    fc.property(rules, rules, path, (ofUser, ofToken, where) => {
      const combined = new Permissions(
        'x',
        limitsOf({ name: 'x', permissions: copy(ofUser) }, { permissions: copy(ofToken) }) ?? [],
      )
      const [user, token] = [new Permissions('x', ofUser), new Permissions('x', ofToken)]
      for (const permission of PERMISSIONS) {
        const isAllowed = user.allows(permission, where) && token.allows(permission, where)
        expect(combined.allows(permission, where)).toBe(isAllowed)
      }
    }),
  )
})

test('a token without rules has no limits of its own', () => {
  const permissions = copy([{ path: '/', allows: ['read'] }])
  expect(limitsOf({ name: 'x', permissions }, { permissions: undefined })).toBeUndefined()
})

test('no two tokens are alike, and a token tells its id', () => {
  const [one, other] = [createToken(), createToken()]
  expect(one.secret).not.toBe(other.secret)
  expect(one.secret).toContain(`jftp_${one.record.id}_`)
  expect(one.record.hash).not.toContain(one.secret.slice(-20))
})

test('a token is over from its last moment on', () => {
  const { record } = createToken()
  expect(isOver(record)).toBe(false)
  expect(isOver({ ...record, expires: new Date(Date.now() + 60_000).toISOString() })).toBe(false)
  expect(isOver({ ...record, expires: new Date().toISOString() })).toBe(true)
})

function copy(from: PermissionRule[]): { path: string; allows: PermissionRule['allows'][number][] }[] {
  return from.map((rule) => ({ path: rule.path, allows: [...rule.allows] }))
}
