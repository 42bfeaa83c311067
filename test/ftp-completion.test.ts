import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { ftp } from './ftp-process.js'

/** Whether that shell is here. */
const has = (shell: string) => spawnSync(shell, ['-c', 'exit']).status === 0

/** What bash offers for the last of these words. */
async function offered(...words: string[]): Promise<string[]> {
  const { stdout, exitCode } = await ftp(['completion', 'bash'])
  expect(exitCode).toBe(0)
  const script = `${stdout}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _ftp; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout: answer, stderr } = spawnSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8' })
  expect(stderr).toBe('')
  return answer.split('\n').filter(Boolean)
}

describe.skipIf(!has('bash'))('in bash, Tab completes', () => {
  test.each([
    [['ftp', 'mk'], ['mkdir']],
    [['ftp', '-q', '--url', 'x', 'sy'], ['sync']],
    [['ftp', 'get', '--seg'], ['--segments']],
    [['ftp', 'mget', '--seg'], ['--segments']],
    [['ftp', '?', '--digest', 'b'], ['blake3']],
    [
      ['ftp', '--on-exists', 're'],
      ['resume', 'rename'],
    ],
    [['ftp', 'ls', '--seg'], []],
    [['ftp', 'get', ''], []],
  ])('%j', async (words, expected) => {
    expect(await offered(...words)).toEqual(expected)
  })
})

test.skipIf(!has('zsh'))('zsh accepts the script', async () => {
  const { stdout } = await ftp(['completion', 'zsh'])
  const script = `autoload -Uz compinit; compinit -D -u\n${stdout}\nprint -- $_comps[ftp]`
  expect(spawnSync('zsh', ['-fc', script], { encoding: 'utf8' })).toMatchObject({
    stdout: expect.stringContaining('_ftp'),
    stderr: '',
  })
})

test.skipIf(!has('fish'))('fish completes commands and flags', async () => {
  const { stdout } = await ftp(['completion', 'fish'])
  const script = `${stdout}\ncomplete -C 'ftp mkd'; complete -C 'ftp get --segm'`
  const { stdout: answer } = spawnSync('fish', ['--no-config', '-c', script], { encoding: 'utf8' })
  expect(answer).toMatch(/^mkdir\tmake remote folders\n--segments\t/)
})

test('another shell is refused', async () => {
  expect(await ftp(['completion', 'tcsh'])).toMatchObject({
    exitCode: 2,
    stderr: "ftp: completion: the shell must be bash, zsh or fish, not 'tcsh'\n",
  })
})
