import { expect, test } from 'vitest'
import { addressGroup } from './address-group.js'

const groups: [host: string, group: string][] = [
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['::ffff:c000:207', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:db8::9', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
]

test.each(groups)('%s counts as %s', (host, group) => {
  expect(addressGroup([host, 40_000])).toBe(group)
})

test('a client on a Unix socket has no address', () => {
  expect(addressGroup('')).toBeUndefined()
})
