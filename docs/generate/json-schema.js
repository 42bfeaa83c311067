import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createGenerator } from 'ts-json-schema-generator'

/* Makes docs/ftp-json.schema.json from the types of the records that `ftp --json` prints. */

const client = new URL('../../packages/client/', import.meta.url)

const schema = createGenerator({
  path: fileURLToPath(new URL('dist/json-event.d.ts', client)),
  tsconfig: fileURLToPath(new URL('tsconfig.json', client)),
  type: 'JsonEvent',
  topRef: true,
  // Later versions may add fields, so readers must not refuse them.
  additionalProperties: true,
  skipTypeCheck: true,
}).createSchema('JsonEvent')

const described = {
  $schema: schema.$schema,
  title: 'One line of what ftp --json prints',
  description: 'Each line is one JSON object. Its field `event` says which of the records it is.',
  $ref: schema.$ref,
  definitions: schema.definitions,
}
writeFileSync(new URL('../ftp-json.schema.json', import.meta.url), `${JSON.stringify(described, null, 2)}\n`)
