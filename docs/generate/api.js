import { fileURLToPath } from 'node:url'
import { Application, ReflectionKind } from 'typedoc'

/* Makes docs/api: a page in Markdown for each export of the libraries, from the comments in their types. */

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url))

const LIBRARIES = ['client', 'socketserver']

for (const name of LIBRARIES) {
  const application = await Application.bootstrapWithPlugins({
    entryPoints: [path(`../../packages/${name}/src/index.ts`)],
    tsconfig: path(`../../packages/${name}/tsconfig.json`),
    name: `@jftp/${name}`,
    out: path(`../api/${name}`),
    plugin: ['typedoc-plugin-markdown'],
    readme: 'none',
    disableSources: true,
    disableGit: true,
    excludeExternals: true,
    excludeInternal: true,
    excludePrivate: true,
    excludeProtected: false,
    hideGenerator: true,
    skipErrorChecking: true,
    logLevel: 'Warn',
    treatWarningsAsErrors: true,
    validation: { notDocumented: false, notExported: false, invalidLink: false },
    // Of typedoc-plugin-markdown.
    hideBreadcrumbs: true,
    hidePageHeader: true,
    useCodeBlocks: true,
    parametersFormat: 'table',
    interfacePropertiesFormat: 'table',
    typeDeclarationFormat: 'table',
    entryFileName: 'README',
    outputFileStrategy: 'modules',
  })
  const project = await application.convert()
  if (project === undefined) process.exit(1)
  leaveOutInherited(project)
  for (const name of undocumented(project)) application.logger.warn(`${name} has no comment`)
  application.validate(project)
  if (application.logger.hasErrors() || application.logger.hasWarnings()) process.exitCode = 1
  await application.generateOutputs(project)
}

/** What a class inherits from one that has a place of its own in the page, also by a mix-in, is explained there. */
function leaveOutInherited(project) {
  const exported = new Set(project.children?.map(({ name }) => name))
  const isElsewhere = ({ inheritedFrom }) => {
    const [, base] = /^(?:\w+MixIn\()?(\w+)\)?\./.exec(inheritedFrom?.name ?? '') ?? []
    return exported.has(base)
  }
  const inherited = project.getReflectionsByKind(ReflectionKind.ClassMember).filter(isElsewhere)
  const owners = new Set(inherited.map(({ parent }) => parent))
  for (const reflection of inherited) project.removeReflection(reflection)
  // The headings of a class have lists of their own.
  for (const owner of owners) {
    for (const group of owner.groups ?? []) {
      group.children = group.children.filter((child) => !inherited.includes(child))
    }
    owner.groups = owner.groups?.filter(({ children }) => children.length > 0)
  }
}

/** Exports without a comment, of functions on each way to call them. */
function undocumented({ children = [] }) {
  const isBare = ({ comment, signatures }) =>
    comment === undefined && !signatures?.some((signature) => signature.comment !== undefined)
  return children.filter(isBare).map(({ name }) => name)
}
