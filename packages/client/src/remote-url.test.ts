import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatRemoteUrl, parseRemoteUrl } from './remote-url.js'

describe('parseRemoteUrl', () => {
  test.each([
    ['jftp://host', { scheme: 'jftp', host: 'host', port: 9021, path: '/' }],
    ['jftp://host/', { scheme: 'jftp', host: 'host', port: 9021, path: '/' }],
    ['JFTP://Host:8000/a/b', { scheme: 'jftp', host: 'host', port: 8000, path: '/a/b' }],
    ['jftp://me@host:1/dir/', { scheme: 'jftp', host: 'host', port: 1, user: 'me', path: '/dir/' }],
    ['jftp://me%40work@host/', { scheme: 'jftp', host: 'host', port: 9021, user: 'me@work', path: '/' }],
    ['jftp://[::1]:9/x', { scheme: 'jftp', host: '::1', port: 9, path: '/x' }],
    ['jftp://127.0.0.1/-rf', { scheme: 'jftp', host: '127.0.0.1', port: 9021, path: '/-rf' }],
    ['jftp://h/new%0Aline', { scheme: 'jftp', host: 'h', port: 9021, path: '/new\nline' }],
    ['jftp://h/a b "c" \'d\'', { scheme: 'jftp', host: 'h', port: 9021, path: '/a b "c" \'d\'' }],
    ['jftp://h/%E6%96%87%3F%23%25', { scheme: 'jftp', host: 'h', port: 9021, path: '/文?#%' }],
    ['jftp://h/文@:[]', { scheme: 'jftp', host: 'h', port: 9021, path: '/文@:[]' }],
    ['jftp://h/a/../b', { scheme: 'jftp', host: 'h', port: 9021, path: '/a/../b' }],
    ['jftp://%2Frun%2Fjftp.sock/a', { scheme: 'jftp', host: '/run/jftp.sock', port: 9021, path: '/a' }],
    ['host', { scheme: 'jftp', host: 'host', port: 9021, path: '/' }],
    ['host:8000', { scheme: 'jftp', host: 'host', port: 8000, path: '/' }],
    ['[::1]', { scheme: 'jftp', host: '::1', port: 9021, path: '/' }],
    ['[::1]:8000', { scheme: 'jftp', host: '::1', port: 8000, path: '/' }],
    ['10.0.0.1:8000', { scheme: 'jftp', host: '10.0.0.1', port: 8000, path: '/' }],
    ['jftps://host/a', { scheme: 'jftps', host: 'host', port: 9021, path: '/a' }],
    ['JFTPS://[::1]:9/x', { scheme: 'jftps', host: '::1', port: 9, path: '/x' }],
    ['me@host:8000/dir/', { scheme: 'jftp', host: 'host', port: 8000, user: 'me', path: '/dir/' }],
    ['%2Frun%2Fjftp.sock', { scheme: 'jftp', host: '/run/jftp.sock', port: 9021, path: '/' }],
    ['jftp://bücher.example/', { scheme: 'jftp', host: 'xn--bcher-kva.example', port: 9021, path: '/' }],
  ])('reads %j', (text, url) => {
    expect(parseRemoteUrl(text)).toEqual(url)
  })

  test.each([
    ['', /written jftp:/],
    ['::1', /in brackets: \[::1\]/],
    ['/path', /host is missing/],
    ['http://host/', /scheme must be jftp: or jftps:, not http:/],
    ['https://host:443/', /scheme must be jftp: or jftps:, not https:/],
    ['ftp://host', /scheme must be jftp: or jftps:, not ftp:/],
    ['http:/host', /comes its port/],
    ['host:', /comes its port/],
    ['host:port', /port is 1 to 65535/],
    ['jftps://%2Frun%2Fjftp.sock/a', /a Unix socket has no TLS/],
    ['jftp:///path', /host is missing/],
    ['jftp://host:0/', /port is 1 to 65535/],
    ['jftp://host:65536/', /port is 1 to 65535/],
    ['jftp://host:1e3/', /port is 1 to 65535/],
    ['jftp://ho st/', /no host name/],
    ['jftp://[nonsense]/', /IPv6/],
    ['jftp://host/a?b', /%3F/],
    ['jftp://host/a#b', /%23/],
    ['jftp://host/100%', /%25/],
    ['jftp://host/%ff', /%25/],
    ['jftp://host/a%00b', /NUL/],
  ])('refuses %j', (text, message) => {
    expect(() => parseRemoteUrl(text)).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringMatching(message) }),
    )
  })

  test.each([
    'jftp://me:secret@host/',
    'jftps://me:secret@host/',
    'http://me:secret@host/a?b',
    'me:secret@host',
  ])('repeats no password: %s', (text) => {
    expect(() => parseRemoteUrl(text)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('secret') }),
    )
  })
})

test('what formatRemoteUrl writes, parseRemoteUrl and URL read', () => {
  const name = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.includes('\0'))
  const url = fc.record({
    scheme: fc.constantFrom('jftp' as const, 'jftps' as const),
    host: fc.constantFrom('host', 'a.example', '::1', '10.0.0.1', '/run/a b.sock'),
    port: fc.integer({ min: 1, max: 65_535 }),
    user: name.filter((text) => !text.includes(':')),
    path: fc.array(name).map((names) => `/${names.join('/')}`),
  })
  fc.assert(
    fc.property(url, (parts) => {
      fc.pre(parts.scheme === 'jftp' || !parts.host.startsWith('/'))
      const text = formatRemoteUrl(parts)
      expect(parseRemoteUrl(text)).toEqual(parts)
      expect(text).toMatch(/^[!-~]+$/)
      expect(URL.canParse(text)).toBe(true)
    }),
  )
})
