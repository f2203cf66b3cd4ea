/** linux/device.h: names of devices, and what is said of them. */
import {kernelAddress} from '../../../hardware/address.ts';
import {dev_label, type device} from '../../drivers/device.ts';
import type {Kernel} from '../../kernel.ts';
import {kwrite} from '../../mm/access.ts';
import {GFP_ATOMIC} from '../../mm/gfp.ts';
import {try_kzalloc} from '../../mm/slab.ts';
import {type LogLevel, printk} from '../../printk.ts';
import {deviceAt} from '../deviceWindows.ts';
import {formatText} from '../format.ts';
import type {Gate} from '../state.ts';
import {textAtAddress} from '../text.ts';

/** Where the name of a device lies that C has asked for. */
const names = new WeakMap<device, number>();

function nameAddress(k: Kernel, dev: device): number {
	const known = names.get(dev);
	if (known !== undefined) return known;
	const at = try_kzalloc(k, dev.bus_id.length + 1, GFP_ATOMIC);
	if (at === undefined) return 0;
	kwrite(
		k,
		kernelAddress(at),
		Uint8Array.from(dev.bus_id, letter => letter.charCodeAt(0)),
	);
	names.set(dev, at);
	return at;
}

const NULL_DEVICE = '(NULL device *)';

export const deviceExports: readonly Gate[] = [
	{
		name: '_dev_printk',
		run({k, arg}) {
			const label = arg(1) === 0 ? NULL_DEVICE : dev_label(k, deviceAt(k, arg(1)));
			const text = formatText(k, textAtAddress(k, arg(2)), n => arg(3 + n));
			for (const line of text.replace(/\n$/, '').split('\n')) printk(k, (arg(0) & 7) as LogLevel, `${label}: ${line}`);
		},
	},
	{name: 'dev_name', run: ({k, arg}) => nameAddress(k, deviceAt(k, arg(0)))},
];
