// SPDX-License-Identifier: MIT
//
// Is the file a CycloneDX document? Prints what is wrong with it, and fails then.
import { readFileSync } from 'node:fs'
import { Spec, Validation } from '@cyclonedx/cyclonedx-library'

const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot5)
const problem = await validator.validate(readFileSync(process.argv[2], 'utf8'))
if (problem !== null) {
	console.error(JSON.stringify(problem, null, 2))
	process.exit(1)
}
