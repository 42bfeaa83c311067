// Prints what the test runner counted, from its JSON report; the last line is `N passed, N failed`.
// Exits with 1 unless at least one test passed and nothing failed: a missing report is a failure too.
import { readFileSync } from 'node:fs'

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const files = report.testResults
const tests = files.flatMap((file) => file.assertionResults)

const count = (list, status) => list.filter((item) => item.status === status).length
const skipped = tests.length - count(tests, 'passed') - count(tests, 'failed')
// A file that could not even be loaded has no tests to fail: it counts as one failure.
const broken = files.filter(
  (file) => file.status === 'failed' && count(file.assertionResults, 'failed') === 0,
)
const passed = count(tests, 'passed')
const failed = count(tests, 'failed') + broken.length

for (const file of files.filter((file) => file.status === 'failed')) console.log(`failed: ${file.name}`)
console.log(
  `Test Files  ${count(files, 'passed')} passed | ${count(files, 'failed')} failed (${files.length})`,
)
console.log(`     Tests  ${passed} passed | ${failed} failed | ${skipped} skipped (${tests.length})`)
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = passed > 0 && failed === 0 && report.success === true ? 0 : 1
