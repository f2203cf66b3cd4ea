/** linux/device.h: names of devices, and what is said of them. */
import {dev_label} from '../../drivers/device.ts';
import {type LogLevel, log_store} from '../../printk.ts';
import {deviceAt, nameAddress} from '../deviceWindows.ts';
import {formatText} from '../format.ts';
import type {Gate} from '../state.ts';
import {textAtAddress} from '../text.ts';

const NULL_DEVICE = '(NULL device *)';

export const deviceExports: readonly Gate[] = [
	{
		name: '_dev_printk',
		run({k, arg}) {
			const label = arg(1) === 0 ? NULL_DEVICE : dev_label(k, deviceAt(k, arg(1)));
			const text = formatText(k, textAtAddress(k, arg(2)), n => arg(3 + n));
			for (const line of text.replace(/\n$/, '').split('\n'))
				log_store(k, (arg(0) & 7) as LogLevel, `${label}: ${line}`);
		},
	},
	{name: 'dev_name', run: ({k, arg}) => nameAddress(k, arg(0))},
];
