import { readFileSync } from 'node:fs'
import openapiTS, { astToString } from 'openapi-typescript'
import { expect, it } from 'vitest'

it('the generated types are those of the description that the server serves', async () => {
  const now = astToString(await openapiTS(new URL('../../../openapi.yaml', import.meta.url)))
  const kept = readFileSync(new URL('./openapi.d.ts', import.meta.url), 'utf8')
  expect(kept.endsWith(now), 'npm run generate writes them anew').toBe(true)
})
