import { describe, expect, test } from 'vitest'
import { parseRemoteUrl } from '../remote-url.js'
import { readCredentials } from './credentials.js'

describe('a password or a token goes', () => {
  const secrets = [{ user: 'ann', password: 'geheim' }, { token: 'jftp_geheim' }]

  test.each([
    'jftps://files.example/',
    'jftps://192.0.2.1/',
    'localhost',
    '127.0.0.1:8021',
    'jftp://127.9.8.7/',
    'jftp://[::1]/',
    'jftp://%2Frun%2Fjftp.sock/',
  ])('to %s', (url) => {
    for (const secret of secrets) {
      expect(readCredentials(secret, parseRemoteUrl(url)).credentials.type).not.toBe('none')
    }
  })

  test.each([
    'files.example',
    'jftp://192.0.2.1/',
    'jftp://[2001:db8::1]/',
    'jftp://[::ffff:192.0.2.1]/',
    'jftp://127.0.0.1.example/',
    'jftp://localhost.example:8021/',
  ])('not in plain to %s', (url) => {
    const server = parseRemoteUrl(url)
    for (const secret of secrets) {
      expect(() => readCredentials(secret, server)).toThrow(/so none is sent; write jftps:\/\//)
    }
    expect(readCredentials({ user: 'ann' }, server).credentials.type).toBe('none')
  })
})
