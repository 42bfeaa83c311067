import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { tempFolder } from './temp-folder.js'

const BENCH = fileURLToPath(new URL('../bench/dist/run.js', import.meta.url))

interface BenchEnd {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the bench as `pnpm bench` does, in a folder of the test's own. */
async function bench(folder: string, ...args: string[]): Promise<BenchEnd> {
  const where = ['--dir', folder, '--json', join(folder, 'figures.json')]
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [BENCH, ...where, ...args], (_error, stdout, stderr) =>
      resolve({ exitCode: child.exitCode, stdout, stderr }),
    )
  })
}

describe('the bench', () => {
  it('prints its usage for --help', async () => {
    using folder = tempFolder()
    const { exitCode, stdout, stderr } = await bench(folder.path, '--help')
    expect(stdout).toMatch(/^usage: pnpm bench /)
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  })

  it.each([['--nonsense'], ['--rounds', '0'], ['--only', 'nothing'], ['--dir', '/no/such/folder']])(
    'prints its usage and one line with the cause for %s %s',
    async (...args) => {
      using folder = tempFolder()
      const { exitCode, stdout, stderr } = await bench(folder.path, ...args)
      expect(stderr).toMatch(/^bench: .*\nusage: pnpm bench /)
      expect(stderr).not.toContain('    at ')
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    },
  )

  it('measures the memory of both ends', async () => {
    using folder = tempFolder('in memory')
    const sizes = ['--size', '1MiB', '--sparse-size', '1MiB', '--files', '10']
    const { exitCode, stdout } = await bench(folder.path, '--only', 'memory', ...sizes)
    expect(stdout).toMatch(/\| get 0\.00 GiB random +\| +\d+ MB .* equal \|/)
    expect(exitCode).toBe(0)
  })

  it('moves one file and a folder with every tool that is installed', async () => {
    using folder = tempFolder('in memory')
    const sizes = ['--size', '1MiB', '--files', '20', '--rounds', '1']
    const { exitCode, stdout } = await bench(folder.path, '--only', 'big,many', ...sizes)
    expect(stdout).not.toContain('FAILED')
    expect(stdout).toMatch(/### Put 20 files .*\n\n.*jftp md5 is/)
    expect(exitCode).toBe(0)
    expect(readdirSync(folder.path)).toEqual(['figures.json'])
  })

  it('holds more idle connections than ftpd takes from one address by default', async () => {
    using folder = tempFolder('in memory')
    const { exitCode, stdout } = await bench(folder.path, '--only', 'idle', '--connections', '950')
    expect(stdout).toContain('950 held')
    expect(exitCode).toBe(0)
  })

  it('fails if a part of it fails, and says which', async () => {
    using folder = tempFolder('in memory')
    const broken = join(folder.path, 'broken')
    mkdirSync(join(broken, 'bench/dist'), { recursive: true })
    writeFileSync(join(broken, 'bench/dist/run.js'), '')
    const flags = ['--only', 'start', '--rounds', '1', '--beside', broken]
    const { exitCode, stdout } = await bench(folder.path, ...flags)
    expect(stdout).toContain(`FAILED: ${broken}: ftpd ended before it was ready`)
    expect(exitCode).toBe(1)
  })
})
