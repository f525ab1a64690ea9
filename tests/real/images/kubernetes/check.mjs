// SPDX-License-Identifier: MIT
//
// check.mjs FILE...: would Kubernetes take these manifests? They are held against the schemas of its
// API, which the package kubernetes-models carries, and strictly, as "kubectl apply" does: a field
// that is not in the schema is wrong.
import { readFile } from "node:fs/promises";
import { parseAllDocuments } from "yaml";

// The schemas are programs, which read each field that they know. Whatever they did not read they do
// not know.
function watch(value, path, unread) {
	if (typeof value !== "object" || value === null)
		return value;
	const children = new Map();
	for (const key of Object.keys(value)) {
		const below = `${path}/${key}`;
		unread.add(below);
		children.set(key, { below, value: watch(value[key], below, unread) });
	}
	return new Proxy(value, {
		get(target, key) {
			const child = children.get(key);
			if (!child)
				return Reflect.get(target, key);
			unread.delete(child.below);
			return child.value;
		},
	});
}

async function check(manifest) {
	const { [manifest.kind]: Model } = await import(`kubernetes-models/${manifest.apiVersion}`);
	if (!Model)
		throw new Error(`${manifest.apiVersion} has no ${manifest.kind}`);
	const unread = new Set();
	const { validate } = new Model(manifest);
	validate.call(watch(manifest, "", unread));
	for (const path of unread)
		throw new Error(`${path} is no field of ${manifest.kind}`);
}

let status = 0;
for (const file of process.argv.slice(2)) {
	for (const document of parseAllDocuments(await readFile(file, "utf8"))) {
		try {
			if (document.errors.length)
				throw document.errors[0];
			await check(document.toJS());
			console.log(`ok   ${file}`);
		} catch (error) {
			console.log(`FAIL ${file}: ${error.message}`);
			status = 1;
		}
	}
}
process.exitCode = status;
