// SPDX-License-Identifier: MIT
//
// same-group.mjs - closes its browser on SIGTERM, which it has started itself, in its own process
// group: whoever signals the group ends the browser before it can be closed.
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import readline from 'node:readline';

import puppeteer from 'puppeteer-core';

import {patience, say, settings, visit} from './browser.mjs';

const words = puppeteer.defaultArgs(settings(process.env.PROFILE));
const chromium = spawn(process.env.CHROMIUM, [...words, '--remote-debugging-port=0'],
	{stdio: ['ignore', 'ignore', 'pipe']});
const ended = once(chromium, 'exit');

async function address() {
	for await (const line of readline.createInterface({input: chromium.stderr})) {
		const found = line.match(/^DevTools listening on (ws:.*)$/);
		if (found) {
			return found[1];
		}
	}
	throw new Error('Chromium has ended');
}

const browser = await puppeteer.connect({browserWSEndpoint: await address(), ...patience});
process.on('SIGTERM', async () => {
	await browser.close().catch(() => {}); // it may be gone already
	await ended;
	process.exit(0);
});
await visit(browser);
say({ready: true});
