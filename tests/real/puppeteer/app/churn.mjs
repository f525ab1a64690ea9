// SPDX-License-Identifier: MIT
//
// churn.mjs - one browser after the other, ended in the ways of WAYS in turn.
//
//   node churn.mjs LAUNCHES WAY...
//
// Says of each launch how it went, and then waits until its input ends.
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp, rm} from 'node:fs/promises';

import {launch, say, visit} from './browser.mjs';

async function kill(browser) {
	const chromium = browser.process();
	if (chromium.exitCode !== null || chromium.signalCode !== null) {
		return;
	}
	const ended = once(chromium, 'exit');
	chromium.kill('SIGKILL');
	await ended;
}

const WAYS = {
	async closed(browser) {
		await browser.close();
	},
	async killed(browser) {
		await kill(browser);
	},
	// Who loses a page does away with the browser.
	async crashed(browser, page) {
		const crash = new Promise(resolve => page.once('error', resolve));
		page.goto('chrome://crash').catch(() => {}); // gets no answer
		await crash;
		await kill(browser);
	},
	// The process of exits() only. On its way out puppeteer kills the browser, and nobody waits.
	async exits() {
		process.exit(0);
	},
};

async function use(way, profile) {
	const browser = await launch(profile);
	try {
		await WAYS[way](browser, await visit(browser));
	} catch (error) {
		await kill(browser).catch(() => {});
		throw error;
	}
}

async function exits(profile) {
	const job = spawn(process.execPath, [process.argv[1], '--exit', profile], {stdio: 'inherit'});
	const [code] = await once(job, 'exit');
	if (code !== 0) {
		throw new Error(`the process has ended with ${code}`);
	}
}

async function attempt(way) {
	const profile = await mkdtemp(`${process.env.PROFILE}.`);
	try {
		await (way === 'exits' ? exits(profile) : use(way, profile));
		return {way, ok: true};
	} catch (error) {
		return {way, ok: false, why: error.message};
	} finally {
		// Whoever is being killed may still write there.
		await rm(profile, {recursive: true, force: true}).catch(() => {});
	}
}

if (process.argv[2] === '--exit') {
	await use('exits', process.argv[3]);
}
const [launches, ...ways] = process.argv.slice(2);
for (let i = 0; i < Number(launches); i++) {
	say(await attempt(ways[i % ways.length]));
}
process.stdin.resume();
