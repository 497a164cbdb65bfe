package web

import (
	"fmt"

	"hotline/ari/call"
	"hotline/crm"
)

// eventSummary says a line of a call's log for people. It takes from the stored
// event only what names nobody: keys of the menu and causes. Numbers, channels
// and ids stay behind.
func eventSummary(line crm.LogLine) text {
	e, err := call.Decode(line.Type, line.Data)
	if err != nil {
		return text{"此版本无法识别的事件", "An event that this version does not know"}
	}
	switch e := e.(type) {
	case call.Arrived:
		return text{"来电接入，播放欢迎词和录音提示", "The call arrived; greeting and recording notice"}
	case call.CallerIdentified:
		switch e.Matches {
		case 0:
			return text{"来电号码未匹配到客户", "The number belongs to no known customer"}
		case 1:
			return text{"来电号码匹配到一位客户", "The number belongs to one customer"}
		}
		return text{fmt.Sprintf("来电号码匹配到 %d 位客户", e.Matches), fmt.Sprintf("The number belongs to %d customers", e.Matches)}
	case call.PromptEnded:
		return text{"语音播放结束", "A prompt ended"}
	case call.Digit:
		return text{"客户按键 " + menuKey(e.Key), "The caller pressed " + menuKey(e.Key)}
	case call.QueueUnstaffed:
		return text{"队列无人值守，转语音留言", "Nobody is on duty; to voicemail"}
	case call.AgentReserved:
		return text{fmt.Sprintf("第 %d 次分配坐席", e.Attempt), fmt.Sprintf("Offer %d to an agent", e.Attempt)}
	case call.PopShown:
		return text{"坐席屏幕已显示来电资料", "The caller's record was on the agent's screen"}
	case call.AgentRinging:
		return text{"坐席话机振铃", "The agent's phone rang"}
	case call.AgentAnswered:
		return text{"坐席接听", "The agent answered"}
	case call.AgentRejected:
		return text{"坐席拒接", "The agent refused the offer"}
	case call.AgentLegEnded:
		return legEnded(e.Cause)
	case call.HangUpAsked:
		return text{"坐席挂断", "The agent hung up"}
	case call.HoldAsked:
		return text{"坐席将客户置于保持，播放音乐", "The agent put the customer on hold, with music"}
	case call.RetrieveAsked:
		return text{"坐席取回通话", "The agent came back to the customer"}
	case call.RecallAsked:
		return text{"坐席页面重新加载，正在重新呼叫该坐席", "The agent's page was loaded anew; the agent is rung again"}
	case call.MessageRecorded:
		return text{fmt.Sprintf("留言录制完成（%.0f 秒）", e.Length.Seconds()), fmt.Sprintf("A message of %.0f s was recorded", e.Length.Seconds())}
	case call.DeadlinePassed:
		return text{"等待超时", "A time limit was reached"}
	case call.CallerGone:
		return text{"客户侧通话结束", "The caller's line ended"}
	case call.Resumed:
		return text{"系统恢复后接管通话", "The call was taken over after a restart"}
	}
	return text{"通话事件", "An event of the call"}
}

func legEnded(cause call.LegCause) text {
	switch cause {
	case call.LegHungUp:
		return text{"坐席侧通话结束", "The agent's line ended"}
	case call.LegNoAnswer:
		return text{"坐席未接", "The agent did not answer"}
	case call.LegRejected:
		return text{"坐席话机拒接或占线", "The agent's phone was busy or declined"}
	case call.LegUnreachable:
		return text{"坐席话机不可达", "The agent's phone was not reachable"}
	case call.LegLost:
		return text{"与坐席话机的连接中断", "The connection to the agent's phone was lost"}
	}
	return text{"坐席侧线路结束", "The agent's line ended"}
}

// menuKey shows one key of the telephone; nothing longer passes.
func menuKey(key string) string {
	if len(key) == 1 {
		return key
	}
	return "?"
}
