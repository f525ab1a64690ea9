// SPDX-License-Identifier: MIT
//
// browser.mjs - what the apps share: how Chromium is started here, and a visit that leaves traces.
//
// From the environment: CHROMIUM, the program; PROFILE, its user data; PAGE, an address on loopback;
// TOKEN, what the visit leaves; PATIENCE, how long a browser may take to start, in milliseconds.
import puppeteer from 'puppeteer-core';

// Off the network and out of /dev/shm. In a container root has no sandbox of Chromium's own.
const args = [
	'--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
	'--disable-background-networking', '--disable-component-update', '--disable-sync',
	'--disable-dev-shm-usage',
];

export const patience = {timeout: Number(process.env.PATIENCE), protocolTimeout: 10_000};

export function settings(userDataDir) {
	return {executablePath: process.env.CHROMIUM, headless: true, args, userDataDir, ...patience};
}

// puppeteer's own handlers end the browser with SIGKILL: who has a handler turns them off.
const handlers = {handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false};

export function launch(userDataDir = process.env.PROFILE) {
	return puppeteer.launch({...settings(userDataDir), ...handlers});
}

export async function open(browser) {
	const page = await browser.newPage();
	await page.goto(process.env.PAGE);
	return page;
}

// A cookie and an entry of localStorage: Chromium writes both to the disk only seconds later, or
// when it is closed.
export async function visit(browser) {
	const page = await open(browser);
	await page.evaluate(token => {
		document.cookie = `token=${token}; max-age=86400`;
		localStorage.setItem('token', token);
	}, process.env.TOKEN);
	return page;
}

// Tells who looks on.
export function say(fact) {
	console.log(JSON.stringify(fact));
}
