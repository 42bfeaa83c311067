import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { tempFolder } from './temp-folder.js'

const BENCH = fileURLToPath(new URL('../bench/dist/run.js', import.meta.url))

/** No program is found in this folder, because it is none. */
const WITHOUT_OTHER_TOOLS = { PATH: '/dev/null' }

interface BenchEnd {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the bench as `pnpm bench` does, in a folder of the test's own, with these variables as well. */
async function bench(folder: string, env: NodeJS.ProcessEnv, ...args: string[]): Promise<BenchEnd> {
  const where = ['--dir', folder, '--json', join(folder, 'figures.json')]
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [BENCH, ...where, ...args],
      { env: { ...process.env, ...env } },
      (_error, stdout, stderr) => resolve({ exitCode: child.exitCode, stdout, stderr }),
    )
  })
}

/** Another checkout whose programs are those of this one, but run `first` before. */
function checkout(folder: string, first: string): string {
  const path = join(folder, 'checkout')
  mkdirSync(join(path, 'bench/dist'), { recursive: true })
  writeFileSync(join(path, 'bench/dist/run.js'), '')
  mkdirSync(join(path, 'bin'))
  writeFileSync(join(path, 'package.json'), '{ "type": "module" }')
  for (const program of ['ftp', 'ftpd']) {
    const real = new URL(`../bin/${program}.js`, import.meta.url)
    writeFileSync(join(path, `bin/${program}.js`), `${first}\nawait import(${JSON.stringify(real)})\n`)
  }
  return path
}

describe('the bench', () => {
  it('prints its usage for --help', async () => {
    using folder = tempFolder()
    const { exitCode, stdout, stderr } = await bench(folder.path, {}, '--help')
    expect(stdout).toMatch(/^usage: pnpm bench /)
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  })

  it.each([['--nonsense'], ['--rounds', '0'], ['--only', 'nothing'], ['--dir', '/no/such/folder']])(
    'prints its usage and one line with the cause for %s %s',
    async (...args) => {
      using folder = tempFolder()
      const { exitCode, stdout, stderr } = await bench(folder.path, {}, ...args)
      expect(stderr).toMatch(/^bench: .*\nusage: pnpm bench /)
      expect(stderr).not.toContain('    at ')
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    },
  )

  it('measures the memory of both ends', async () => {
    using folder = tempFolder('in memory')
    const sizes = ['--size', '1MiB', '--sparse-size', '1MiB', '--files', '10']
    const { exitCode, stdout } = await bench(folder.path, {}, '--only', 'memory', ...sizes)
    expect(stdout).toMatch(/\| get 0\.00 GiB random +\| +\d+ MB .* equal \|/)
    expect(exitCode).toBe(0)
  })

  it('moves one file and a folder with every tool that is installed', async () => {
    using folder = tempFolder('in memory')
    const sizes = ['--size', '1MiB', '--files', '20', '--rounds', '1']
    const { exitCode, stdout } = await bench(folder.path, {}, '--only', 'big,many', ...sizes)
    expect(stdout).not.toContain('FAILED')
    expect(stdout).toMatch(/### Put 20 files .*\n\n.*jftp md5 is/)
    expect(exitCode).toBe(0)
    expect(readdirSync(folder.path)).toEqual(['figures.json'])
  })

  it('holds more idle connections than ftpd takes from one address by default', async () => {
    using folder = tempFolder('in memory')
    const small = ['--size', '4MiB', '--rounds', '1']
    const { exitCode, stdout } = await bench(
      folder.path,
      {},
      '--only',
      'idle',
      '--connections',
      '950',
      ...small,
    )
    for (const how of ['without', 'through']) {
      expect(stdout).toMatch(new RegExp(`950 held ${how} TLS: .* has \\d+\\.\\d\\d × the speed`))
    }
    expect(exitCode).toBe(0)
  })

  it('fails if a part of it fails, and says which', async () => {
    using folder = tempFolder('in memory')
    // The memory workload compares files by md5sum.
    const flags = ['--only', 'memory', '--size', '1MiB', '--sparse-size', '1MiB', '--files', '10']
    const { exitCode, stdout } = await bench(folder.path, { PATH: folder.path }, ...flags)
    expect(stdout).toContain('FAILED: memory: spawn md5sum ENOENT')
    expect(exitCode).toBe(1)
  })

  it('names another checkout that fails, and goes on', async () => {
    using folder = tempFolder('in memory')
    const broken = checkout(folder.path, 'process.exit(1)')
    const flags = ['--only', 'many', '--files', '20', '--rounds', '1', '--beside', broken]
    const { exitCode, stdout } = await bench(folder.path, WITHOUT_OTHER_TOOLS, ...flags)
    expect(stdout).toContain(`FAILED: ${broken}: Command failed`)
    expect(stdout).toMatch(/jftp md5 +\| +\d/)
    expect(exitCode).toBe(0)
  })

  it('skips what an older checkout lacks', async () => {
    using folder = tempFolder('in memory')
    const lacking = `
      const lacks = ['-r', 'blake3', 'xxh128', '--no-keep-digests']
      if (process.argv.some((word) => lacks.includes(word))) process.exit(2)
      const write = process.stdout.write.bind(process.stdout)
      process.stdout.write = (text, ...rest) =>
        write(String(text).replace(/blake3|xxh128|-r, --recursive|--no-keep-digests/g, ''), ...rest)`
    const older = checkout(folder.path, lacking)
    const flags = ['--only', 'big', '--size', '1MiB', '--rounds', '1', '--beside', older]
    const { exitCode, stdout } = await bench(folder.path, WITHOUT_OTHER_TOOLS, ...flags)
    expect(stdout).not.toContain('FAILED')
    for (const part of ['beside: blake3', 'beside: xxh128', 'beside: folders'])
      expect(stdout).toContain(`Skipped: ${part}: ${older}`)
    expect(stdout).toMatch(/beside: md5 +\| +\d/)
    expect(exitCode).toBe(0)
  })

  it('measures the others in a folder of many files if one of them fails', async () => {
    using folder = tempFolder('in memory')
    const failing = checkout(
      folder.path,
      "if (process.argv.includes('-r') && !process.argv.includes('--help')) process.exit(1)",
    )
    const flags = ['--only', 'many', '--files', '20', '--rounds', '2', '--beside', failing]
    const { exitCode, stdout } = await bench(folder.path, WITHOUT_OTHER_TOOLS, ...flags)
    expect(stdout).toMatch(/FAILED: beside: md5: .* exit code 1/)
    expect(stdout).not.toContain('EEXIST')
    expect(stdout).toMatch(/jftp blake3 +\| +\d/)
    expect(exitCode).toBe(0)
  })
})
