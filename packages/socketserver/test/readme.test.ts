import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exchange } from './clients.js'

const run = promisify(execFile)
const source = fileURLToPath(new URL('..', import.meta.url))
const readme = readFileSync(join(source, 'README.md'), 'utf8')

/** Each code block with its language and the file that the text before it names, if it names one. */
const blocks = [...readme.matchAll(/(?:`([\w-]+\.js)`:\n\n)?```(\w+)\n(.*?)```/gs)].map(
  ([, file, language, text = ''], index) => ({
    file: file ?? `block-${index}.js`,
    language,
    text,
    isNamed: file !== undefined,
  }),
)

let folder: string
let installed: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'socketserver-readme-'))
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: source })
  const [{ filename }] = JSON.parse(stdout)
  const [install] = blocks.filter(({ language }) => language === 'sh')
  const script = install?.text.replace(
    'npm install @jftp/socketserver',
    `npm install --offline --omit=optional --no-audit --no-fund ./${filename}`,
  )
  await run('sh', ['-ec', script ?? 'exit 1'], { cwd: folder })
  installed = join(folder, 'node_modules', '@jftp', 'socketserver')
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** Runs a server of the README on a free port, and asks it once it listens. */
async function askServer(file: string, question: string): Promise<string> {
  const port = await freePort()
  const block = blocks.find((one) => one.file === file)
  writeFileSync(join(folder, file), block?.text.replace(/\b999[89]\b/, String(port)) ?? '')
  const child = spawn(process.execPath, [file], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
  try {
    for (;;) {
      const probe = connect(port, '127.0.0.1')
      const [event] = await Promise.race([
        once(probe, 'connect').then(() => ['connect']),
        new Promise<string[]>((resolve) => probe.once('error', () => resolve(['error']))),
      ])
      probe.destroy()
      if (event === 'connect') break
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    return await exchange(['127.0.0.1', port], question)
  } finally {
    child.kill()
    await once(child, 'exit')
  }
}

describe('the packed package, installed in an empty folder', () => {
  it('runs every server of the README', async () => {
    const shout = blocks.find(({ file }) => file === 'shout.js')
    writeFileSync(join(folder, 'shout.js'), shout?.text ?? '')
    expect(await askServer('server.js', 'hello\n')).toBe('HELLO\n')
    expect(await askServer('greeter.js', 'you\n')).toBe('Hello, you\n')
  })

  it('runs every other block of the README', async () => {
    const others = blocks.filter(({ language, isNamed }) => language === 'js' && !isNamed)
    expect(others.length).toBeGreaterThanOrEqual(2)
    for (const { file, text } of others) {
      writeFileSync(join(folder, file), text)
      await run(process.execPath, [file], { cwd: folder })
    }
    const languages = blocks.map(({ language }) => language)
    expect(languages.filter((language) => language !== 'js')).toEqual(['sh'])
  })

  it('says what to install if it is to take over the descriptor of a Unix datagram socket', async () => {
    const script = `
      import { moveDescriptor } from './node_modules/@jftp/socketserver/dist/datagrams/move-descriptor.js'
      try { moveDescriptor(3, 4) } catch ({ code, message }) { console.log(code, message) }`
    // Some package managers' launchers set NODE_PATH, and koffi would be found there.
    const { NODE_PATH: _, ...env } = process.env
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], {
      cwd: folder,
      env,
    })
    expect(stdout).toMatch(/^NO_UNIX_DATAGRAMS .*npm install koffi@/)
  })

  it('has all that its links and source maps point to', () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, target]) => target ?? '')
    expect(links.length).toBeGreaterThan(1)
    for (const link of links) expect(existsSync(join(installed, link)), link).toBe(true)
    const maps = readdirSync(join(installed, 'dist'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.map'),
    )
    expect(maps.length).toBeGreaterThan(20)
    for (const name of maps) {
      const path = join(installed, 'dist', name)
      for (const target of JSON.parse(readFileSync(path, 'utf8')).sources) {
        expect(existsSync(join(dirname(path), target)), target).toBe(true)
      }
    }
  })
})
