import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** For rolldown. The licences of the libraries in a bundle ask for a copy of their text. */
export const licences = {
  name: 'licences',
  generateBundle(_options, bundle) {
    const modules = Object.values(bundle).flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []))
    const folders = new Set(
      modules.flatMap((id) => /^.*[/]node_modules[/](?:@[^/]+[/])?[^/]+/.exec(id) ?? []),
    )
    const texts = [...folders].sort().map((folder) => {
      const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
      const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
      if (file === undefined) throw new Error(`${name} is in the bundle and has no licence`)
      return `# ${name} ${version}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
    })
    this.emitFile({ type: 'asset', fileName: 'LICENCES.md', source: texts.join('\n') })
  },
}
